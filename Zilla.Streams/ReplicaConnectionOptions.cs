using Zilla.Streams.Lanes;

namespace Zilla.Streams;

/// <summary>How to reach one replica.</summary>
public sealed record ReplicaConnectionOptions
{
    /// <summary>The replica's own address; <c>http</c> speaks HTTP/2 with prior knowledge, <c>https</c> over TLS.</summary>
    public required Uri Address { get; init; }

    /// <summary>Lanes, each a TCP connection of its own. Default 2: one core cannot fill more, and one lane's loss leaves the other.</summary>
    public int Lanes { get; init; } = 2;

    /// <summary>Gives calls and connections what services know each other by (a key, certificates); null = nothing.</summary>
    public Func<SocketsHttpHandler, HttpMessageHandler>? Equip { get; init; }

    public LaneOptions Lane { get; init; } = new();

    /// <summary>Pause after the first failure to connect; it doubles with each further one. Default 100 ms.</summary>
    public TimeSpan MinimumBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between attempts. Default 1 s: replicas that are restarted in turn are back in use before the next one goes.</summary>
    public TimeSpan MaximumBackoff { get; init; } = TimeSpan.FromSeconds(1);
}
