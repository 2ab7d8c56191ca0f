namespace Zilla.Edge.Limits;

/// <summary>Configuration section <c>Zilla:Edge:Limits</c>.</summary>
public sealed class LimitOptions
{
    /// <summary>Addresses and identities, each, whose use of an http server's rates is remembered; beyond it those who have used least of late are forgotten. Default 65 536.</summary>
    public int MaxClients { get; set; } = 65_536;

    /// <summary>Refusals are logged at most once in this time, with their number, for each limit of each binding. Default 10 s.</summary>
    public TimeSpan LogInterval { get; set; } = TimeSpan.FromSeconds(10);
}
