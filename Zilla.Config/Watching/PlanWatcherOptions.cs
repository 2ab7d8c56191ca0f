namespace Zilla.Config.Watching;

/// <summary>What a <see cref="PlanWatcher"/> has to know about its own service and about Control.</summary>
internal sealed record PlanWatcherOptions
{
    /// <summary>One of <see cref="Plans.ServiceNames"/>.</summary>
    public required string Service { get; init; }

    /// <summary><c>Zilla:Instance</c>; by default made from service, machine and process.</summary>
    public required string Instance { get; init; }

    /// <summary><c>Zilla:Address</c>, else the gRPC endpoint, else the HTTP endpoint; empty if none is configured.</summary>
    public string Address { get; init; } = "";

    /// <summary><c>services:control:grpc:0</c>; null = there is no Control, only the plan kept from before.</summary>
    public Uri? Control { get; init; }

    /// <summary>The file in <c>Zilla:StateDirectory</c> that keeps the last applied plan; null = plans are not kept.</summary>
    public string? PlanFile { get; init; }

    /// <summary>How long a starting service waits for Control before it starts from the plan kept from before; default 3 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long Control may take to answer the first message of a call; default 5 s.</summary>
    public TimeSpan FirstAnswer { get; init; } = TimeSpan.FromSeconds(5);
}
