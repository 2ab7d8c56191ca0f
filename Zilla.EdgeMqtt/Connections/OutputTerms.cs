using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Server;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>What a client's CONNECT and the edge's options say of its output.</summary>
internal sealed record OutputTerms
{
    public required MqttVersion Version { get; init; }

    public required MqttMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>0 = none are used.</summary>
    public ushort TopicAliasMaximum { get; init; }

    /// <summary>Bytes of a whole packet.</summary>
    public uint MaximumPacketSize { get; init; } = uint.MaxValue;

    /// <summary>Bytes that may wait.</summary>
    public required int Budget { get; init; }

    public required IOutputOwner Owner { get; init; }
}

/// <summary>Whose output it is.</summary>
internal interface IOutputOwner
{
    /// <summary>Nothing is written any more. Called once.</summary>
    void OnEnded();

    /// <summary>There begins to be no room for what cannot be dropped. Called under the output's lock.</summary>
    void OnBlocked();
}
