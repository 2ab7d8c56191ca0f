using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A message that was sent, or is about to be, and is not settled.</summary>
/// <param name="packetId">Its packet id.</param>
/// <param name="number">Grows with each.</param>
/// <param name="qos">1 or 2.</param>
/// <param name="topic">Of Kafka.</param>
/// <param name="record">Where it is.</param>
internal sealed class InFlight(ushort packetId, long number, QualityOfService qos, string topic, (int Partition, long Offset) record)
{
    public ushort PacketId { get; } = packetId;

    public long Number { get; } = number;

    public QualityOfService QualityOfService { get; } = qos;

    public string Topic { get; } = topic;

    public (int Partition, long Offset) Record { get; } = record;

    /// <summary>Of a shared subscription, which keeps it for whoever is there.</summary>
    public IShare? Share { get; init; }

    public bool IsRetained { get; init; }

    /// <summary>The session has it: no progress has to wait for it.</summary>
    public bool IsRecorded { get; set; }

    /// <summary>The progress that waits for it; null: none does.</summary>
    public TopicProgress? OpenIn { get; set; }

    /// <summary>PUBREC has come.</summary>
    public bool IsReceived { get; set; }

    /// <summary>PUBREL has gone out.</summary>
    public bool IsReleased { get; set; }

    public bool IsSettled { get; set; }

    /// <summary>It counts towards the client's receive maximum.</summary>
    public bool HasSlot { get; set; }

    /// <summary>What the session is told of it: from now on it has it.</summary>
    public MqttSent Tell()
    {
        IsRecorded = true;
        return new()
        {
            PacketId = PacketId,
            Topic = Topic,
            Partition = Record.Partition,
            Offset = Record.Offset,
            Qos = (uint)QualityOfService,
            Received = IsReceived,
            Retained = IsRetained,
        };
    }
}
