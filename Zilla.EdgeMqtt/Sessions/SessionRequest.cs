using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>What a client asked for in CONNECT, as far as its session is concerned.</summary>
/// <param name="Space">Whose session topic it is.</param>
/// <param name="ClientId">Never empty, at most 256 bytes, without <c>#</c>, which divides the keys of the sessions topic.</param>
internal sealed record SessionRequest(SessionSpace Space, string ClientId)
{
    public bool CleanStart { get; init; }

    /// <summary>Seconds after the connection; 0 ends with it, <see cref="uint.MaxValue"/> never.</summary>
    public uint Expiry { get; init; }

    /// <summary>Null: none.</summary>
    public MqttWill? Will { get; init; }
}

/// <summary>The sessions of one mqtt-kafka binding.</summary>
/// <param name="Cluster">As the cache knows it.</param>
/// <param name="SessionsTopic">Compacted.</param>
internal sealed record SessionSpace(string Cluster, string SessionsTopic);
