using Zilla.Edge.Guards;
using Zilla.Edge.Limits;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Server;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>Who is connected, and on which terms.</summary>
internal sealed record Client
{
    public required string Id { get; init; }

    /// <summary>The id in UTF-8, as records have it.</summary>
    public required ReadOnlyMemory<byte> IdBytes { get; init; }

    public required MqttVersion Version { get; init; }

    public required MqttServerModel Server { get; init; }

    /// <summary>Where the session is, and where messages come from and go to.</summary>
    public required MqttKafkaModel Kafka { get; init; }

    /// <summary>What it may do. The read loop's: another configuration may change it.</summary>
    public required ClientRights Rights { get; set; }

    /// <summary>What it has been granted by what it showed.</summary>
    public required Grants Grants { get; init; }

    /// <summary>How much may be published. The read loop's, as <see cref="Rights"/>.</summary>
    public required MessageLimiter Limiter { get; set; }

    /// <summary>Seconds; 0 = it may be silent for ever.</summary>
    public required ushort KeepAlive { get; init; }

    /// <summary>Seconds; what CONNECT asked for and the server allows.</summary>
    public required uint SessionExpiry { get; init; }

    /// <summary>What its will is to be published to; empty: it has none.</summary>
    public MqttString WillTopic { get; init; }

    public bool HasWill => !WillTopic.IsEmpty;

    /// <summary>When what it showed expires; null = never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Whether reason strings may go with any packet (3.1.2.11.7).</summary>
    public bool WantsReasons { get; init; } = true;

    public MessageLimiter.Sender Sender { get; set; }
}
