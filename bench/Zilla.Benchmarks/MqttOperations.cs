using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Zilla.Config.Bindings;
using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.Benchmarks;

/// <summary>A PUBLISH of MQTT 5 with QoS 0, four properties and 64 bytes of payload.</summary>
internal static class MqttOperations
{
    public static IEnumerable<Operation> All()
    {
        var packet = new PublishPacket
        {
            Topic = "sensors/17/state",
            Properties = new MqttPropertiesBuilder()
                .Add(PropertyId.MessageExpiryInterval, 3600)
                .Add(PropertyId.ContentType, "application/json")
                .AddUserProperty("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .AddUserProperty("origin", "edge")
                .Build(),
            Payload = new(new byte[64]),
        };
        var output = new ArrayBufferWriter<byte>(4096);
        packet.Write(output, MqttVersion.V5);
        var encoded = new ReadOnlySequence<byte>(output.WrittenSpan.ToArray());
        yield return new("mqtt: read a publish", () => Read(encoded));
        yield return new("mqtt: write a publish", () =>
        {
            output.ResetWrittenCount();
            packet.Write(output, MqttVersion.V5);
            return output.WrittenCount;
        });
        var mapping = new MessageMapping("cluster", new MqttKafkaBinding
        {
            Name = "mapping",
            Topics = new() { Sessions = "mqtt-sessions", Messages = "mqtt-messages", Retained = "mqtt-retained" },
            Clients = ["sensors/{identity}/#"],
        });
        var clientId = "client-17"u8.ToArray();
        var record = new ArrayBufferWriter<byte>(4096);
        yield return new("mqtt: a publish as a record", () =>
        {
            record.ResetWrittenCount();
            mapping.Encode(packet, clientId, tombstone: false, record);
            return record.WrittenCount;
        });
        mapping.Encode(packet, clientId, tombstone: false, record);
        var written = record.WrittenSpan.ToArray();
        var properties = new MqttPropertiesBuilder();
        yield return new("mqtt: a record's properties", () =>
        {
            properties.Clear();
            KafkaRecordCodec.TryRead(written, default, out var read);
            MessageProperties.Add(properties, read.Headers);
            return properties.Build().Encoded.Length;
        });
        yield return new("mqtt: dispatch to 1,000 subscribers", Dispatch());
        foreach (var (subscribers, own) in new[] { (10, false), (1_000, false), (1_000, true) })
        {
            yield return new($"mqtt: match {(own ? 1 : subscribers):#,0} of {(own ? 100_000 : subscribers):#,0} filters", Match(subscribers, own));
        }
    }

    /// <summary>A record on its way to 1,000 plain subscribers of QoS 0, as far as their outputs.</summary>
    private static Func<long> Dispatch()
    {
        using var cache = new CacheClient(new([]), Options.Create(new CacheOptions()), TimeProvider.System, Random.Shared, NullLogger<CacheClient>.Instance);
        var dispatcher = new TopicDispatcher(cache, new("cluster", "messages"), new(), TimeProvider.System);
        var output = new CountingOutput();
        for (var i = 0; i < 1_000; i++)
        {
            TopicFilter.TryParse("sensors/+/state", MqttVersion.V5, out var filter);
            dispatcher.Put(new(new(dispatcher, Encoding.UTF8.GetBytes($"client-{i}"), output), new(filter, QualityOfService.AtMostOnce, 0)), null, null);
        }

        RecordHeader[] headers = [new("zilla:filter"u8.ToArray(), "sensors"u8.ToArray()), new("zilla:local"u8.ToArray(), "publisher"u8.ToArray()), new("zilla:qos"u8.ToArray(), "0"u8.ToArray())];
        var head = new KafkaRecordHead { Key = "sensors/17/state"u8, HasKey = true };
        var encoded = KafkaRecordCodec.Encode(head, headers);
        KafkaRecordCodec.TryRead(encoded, new byte[64], out var record);
        var live = new FeedRecord(record);
        return () =>
        {
            dispatcher.Dispatch(live);
            return output.Packets == 0 ? throw new InvalidOperationException() : output.Packets;
        };
    }

    /// <summary>A topic that <paramref name="subscribers"/> share; or one of 100,000 that have one each.</summary>
    private static Func<long> Match(int subscribers, bool own)
    {
        var tree = new TopicFilterTree<object>();
        for (var i = 0; i < (own ? 100_000 : subscribers); i++)
        {
            tree.Add(own ? Encoding.UTF8.GetBytes($"sensors/{i}/+") : "sensors/+/state"u8, tree);
        }

        var gate = new Lock();
        var found = new List<object>(subscribers);
        return () =>
        {
            lock (gate)
            {
                found.Clear();
                tree.Match("sensors/17/state"u8, found);
                return found.Count;
            }
        };
    }

    private static long Read(ReadOnlySequence<byte> buffer)
    {
        if (FrameReader.TryRead(ref buffer, 65_536, MqttVersion.V5, out var frame, out _) != FrameStatus.Packet
            || !PublishPacket.TryRead(frame, MqttVersion.V5, MqttSender.Client, out var packet, out _))
        {
            throw new InvalidDataException();
        }

        var bytes = packet.Payload.Length + (packet.Properties.MessageExpiryInterval ?? 0);
        foreach (var (name, _) in packet.Properties.UserProperties)
        {
            bytes += name.Length;
        }

        return bytes;
    }

    private sealed class CountingOutput : IPacketOutput
    {
        public long Packets { get; private set; }

        public MqttVersion Version => MqttVersion.V5;

        public ushort ReceiveMaximum => ushort.MaxValue;

        public ushort TopicAliasMaximum => 0;

        public uint MaximumPacketSize => uint.MaxValue;

        public bool TryPublish(in PublishPacket packet) => throw new NotSupportedException();

        public bool TryPublish(ReadOnlyMemory<byte> encoded) => ++Packets > 0;

        public void Write(in AcknowledgePacket packet) => throw new NotSupportedException();

        public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Disconnect(MqttError error) => throw new NotSupportedException();
    }
}
