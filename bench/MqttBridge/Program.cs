// What somebody would write instead of running Zilla.Aspire: everything that an MQTT broker gets goes into a Kafka topic, the MQTT topic as key.
// The peer of the figures of publishing. Usage: MqttBridge <port of the MQTT broker> <bootstrap servers> <Kafka topic> <filter> <QoS 0 or 1>
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Confluent.Kafka;
using Zilla.Load.Mqtt.Wire;

var (port, servers, topic, filter, qos) = args is [var p, var s, var t, var f, var q] ? (Number(p), s, t, f, Number(q)) : throw new ArgumentException("<port> <bootstrap servers> <topic> <filter> <QoS>");

// QoS 1: a session that outlives a crash, so that the broker sends again what was not acknowledged.
const uint SessionExpiry = 3600;
var connect = MqttPackets.Connect($"bridge-{topic}", keepAlive: 0, qos == 0 ? null : SessionExpiry);
using var mqtt = await MqttConnection.OpenAsync(new(IPAddress.Loopback, port), connect, 256 * 1024, CancellationToken.None);
await mqtt.SubscribeAsync(filter, qos, CancellationToken.None);

// A linger of 5 ms, the client's default: larger batches than the services' 1 ms, and who publishes does not wait for them.
using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
{
    BootstrapServers = servers,
    Acks = qos == 0 ? Acks.None : Acks.All,
    EnableIdempotence = qos > 0,
    EnableDeliveryReports = qos > 0,
    DeliveryReportFields = "status",
}).Build();
var delivered = Channel.CreateUnbounded<ushort>(new() { SingleReader = true });
await Task.WhenAny(ForwardAsync(), AcknowledgeAsync()).Unwrap();

async Task ForwardAsync()
{
    while (await mqtt.ReceiveAsync())
    {
        while (mqtt.TryTake(out var packet))
        {
            if (packet.Type == MqttPackets.Publish)
            {
                var id = packet.QoS == 0 ? (ushort)0 : packet.PacketId;
                Produce(new() { Key = packet.Topic.ToArray(), Value = packet.Payload.ToArray() }, id);
            }
        }
    }

    throw new IOException("The MQTT broker closed the connection.");
}

void Produce(Message<byte[], byte[]> message, ushort id)
{
    while (true)
    {
        try
        {
            producer.Produce(topic, message, id == 0 ? null : report => Delivered(report, id));
            return;
        }
        catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
        {
            // Not reading on is what tells the MQTT broker.
            Thread.Sleep(1);
        }
    }
}

void Delivered(DeliveryReport<byte[], byte[]> report, ushort id)
{
    if (report.Error.IsError)
    {
        // Not acknowledged: it comes again with the next connection.
        delivered.Writer.TryComplete(new KafkaException(report.Error));
    }
    else
    {
        delivered.Writer.TryWrite(id);
    }
}

// Acknowledges what Kafka has acknowledged: all that there is at a time in one piece.
async Task AcknowledgeAsync()
{
    const int PacketLength = 4;
    var packets = new byte[16 * 1024];
    while (await delivered.Reader.WaitToReadAsync())
    {
        var length = 0;
        while (length < packets.Length && delivered.Reader.TryRead(out var id))
        {
            MqttPackets.WritePuback(packets.AsSpan(length), id);
            length += PacketLength;
        }

        await mqtt.SendAsync(packets.AsMemory(0, length));
    }
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
