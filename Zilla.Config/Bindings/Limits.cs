namespace Zilla.Config.Bindings;

/// <summary><c>limits</c> of a tcp server (ours, decision 20), each for one process; null = none of its own.</summary>
public sealed record ConnectionLimits
{
    /// <summary>Over all ports of the binding.</summary>
    public int? Connections { get; init; }

    /// <summary>From one address, an IPv6 one standing for its /64.</summary>
    public int? ConnectionsPerAddress { get; init; }
}

/// <summary><c>limits</c> of an http server (ours, decision 20), each for one process; null = none.</summary>
public sealed record RequestLimits
{
    /// <summary>Of all clients together.</summary>
    public RateLimit? Rate { get; init; }

    /// <summary>Of one address, an IPv6 one standing for its /64.</summary>
    public RateLimit? RatePerAddress { get; init; }

    /// <summary>Of one identity, as a guard names it.</summary>
    public RateLimit? RatePerIdentity { get; init; }

    /// <summary>Requests under way; event streams that are open are not among them.</summary>
    public int? ConcurrentRequests { get; init; }

    /// <summary>Open event streams.</summary>
    public int? EventStreams { get; init; }
}

/// <summary><see cref="Requests"/>, or of an mqtt server PUBLISH packets, in each <see cref="Per"/>, and after a pause as many as <see cref="Burst"/> at once.</summary>
public sealed record RateLimit
{
    /// <summary>At least one.</summary>
    public required int Requests { get; init; }

    /// <summary>From one second to one hour.</summary>
    public TimeSpan Per { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>At least one; default <see cref="Requests"/>.</summary>
    public int? Burst { get; init; }
}
