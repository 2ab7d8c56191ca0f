using System.Text;
using Zilla.KafkaCache.Sessions;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Tests.Sessions.Records;

/// <summary>Records of the sessions topic, byte by byte: the reference's formats and ours.</summary>
public class SessionRecordTests
{
    // Version, bytes and number of items, then: identifier 1, QoS 1, flags send retained + no local, reason, "a/+"; identifier 0, QoS 2, retain as published, "b".
    private const string Subscriptions = "01 1A000000 02000000 01000000 01 05 00 0300 612F2B 00000000 02 12 00 0100 62";

    // Kind, instance "i", client "c", 20 ms, deliver at 100000, lifetime "1", will "2".
    private const string Will = "00 0100 69 0100 63 14000000 A086010000000000 0100 31 0100 32";

    // Kind, instance "i", client "c", 2000 ms, connected, and ours: 2 s.
    private const string Expiry = "01 0100 69 0100 63 D0070000 FFFFFFFFFFFFFFFF 02000000";

    // Topic "w", 1 s, QoS 1, retain, no expiry, no content type, text, response "r", lifetime "1", will "2", correlation 09, one property, payload "bye".
    private const string Message = "0100 77 01000000 01 01 FFFFFFFF FFFF 01 0100 72 0100 31 0100 32 01000000 09 0A000000 01000000 0100 6E 0100 76 0300 627965";

    // Version, one entry: topic "t", partition 2, offset 100, producer 42 in epoch 7, sequence 3, packet ids 10 and 20.
    private const string Offsets = "01 26000000 01000000 0100 74 02000000 6400000000000000 2A00000000000000 0700 03000000 02 0A00 1400";

    private const string Received = "01 0007 0100";

    public static TheoryData<string, string> Each => new()
    {
        { nameof(Subscriptions), Subscriptions },
        { nameof(Will), Will },
        { nameof(Expiry), Expiry },
        { nameof(Message), Message },
        { nameof(Offsets), Offsets },
        { nameof(Received), Received },
    };

    [Fact]
    public void Subscriptions_AsTheReferenceHasThem()
    {
        Assert.True(SubscriptionsRecord.TryRead(Bytes(Subscriptions), out var read));

        Assert.Equal(
            [
                new MqttSubscription { Filter = "a/+", Qos = 1, Identifier = 1, NoLocal = true },
                new MqttSubscription { Filter = "b", Qos = 2, RetainAsPublished = true, RetainHandling = 1 },
            ],
            read);
        Assert.Equal(Bytes(Subscriptions), SubscriptionsRecord.Write(read));
    }

    [Fact]
    public void Subscriptions_RefusedOnesAreNone()
    {
        var record = Bytes(Subscriptions);
        record[15] = 0x87;

        Assert.True(SubscriptionsRecord.TryRead(record, out var read));
        Assert.Equal("b", Assert.Single(read).Filter);
    }

    [Fact]
    public void WillSignal_AsTheReferenceHasIt()
    {
        var signal = WillSignalRecord.Read(Bytes(Will));

        Assert.Equal(new("i", "c", 20, 100_000, "1", "2"), signal);
        Assert.Equal(Bytes(Will), signal!.Write());
    }

    [Fact]
    public void ExpirySignal_SecondsOfOurs_OrTheReferencesMilliseconds()
    {
        Assert.Equal(new("i", "c", 2, -1), ExpirySignalRecord.Read(Bytes(Expiry)));
        Assert.Equal(new("i", "c", 2, -1), ExpirySignalRecord.Read(Bytes(Expiry)[..^4]));
        Assert.Equal(Bytes(Expiry), new ExpirySignalRecord("i", "c", 2, -1).Write());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(2_147_484u)]
    [InlineData(100_000_000u)]
    [InlineData(uint.MaxValue - 1)]
    [InlineData(uint.MaxValue)]
    public void ExpirySignal_AnyExpiry_ComesBack(uint seconds) =>
        Assert.Equal(seconds, ExpirySignalRecord.Read(new ExpirySignalRecord("i", "c", seconds, 5).Write())!.Expiry);

    [Fact]
    public void WillMessage_AsTheReferenceHasIt_BeforeAndSince1()
    {
        var since = WillMessageRecord.Read(Bytes(Message))!;
        var before = WillMessageRecord.Read(Bytes(Message[..^"0300 627965".Length] + "03000000 627965"))!;

        foreach (var message in new[] { since, before })
        {
            Assert.Equal(("w", 1, (byte)1, true, -1), (message.Topic, message.Delay, message.QoS, message.Retain, message.Expiry));
            Assert.Equal((null, WillFormat.Text, "r", "1", "2"), (message.ContentType, message.Format, message.ResponseTopic, message.LifetimeId, message.WillId));
            Assert.Equal([9], message.Correlation!);
            Assert.Equal(new("n", "v"), Assert.Single(message.Properties));
            Assert.Equal("bye", Encoding.UTF8.GetString(message.Payload));
        }

        Assert.Equal(Bytes(Message), since.Write());
    }

    [Fact]
    public void Offsets_PacketIdsOfTheReference()
    {
        Assert.True(OffsetsRecord.TryRead(Bytes(Offsets), out var ids));
        Assert.Equal([10, 20], ids);
    }

    [Fact]
    public void Received_PacketIds()
    {
        Assert.True(ReceivedRecord.TryRead(Bytes(Received), out var ids));
        Assert.Equal([7, 256], ids);
        Assert.Equal(Bytes(Received), ReceivedRecord.Write(ids));
    }

    [Fact]
    public void Progress_VersionAndMessage()
    {
        var delivery = new MqttDelivery { Sent = { new MqttSent { PacketId = 3, Topic = "t", Qos = 2 } } };

        // Version; sent: packet id 3, topic "t", QoS 2.
        Assert.Equal(Bytes("01 12 07 08 03 12 01 74 28 02"), ProgressRecord.Write(delivery));
        Assert.True(ProgressRecord.TryRead(ProgressRecord.Write(delivery), out var read));
        Assert.Equal(delivery, read);
        Assert.False(ProgressRecord.TryRead(Bytes("02 12 07 08 03 12 01 74 28 02"), out _));
        Assert.False(ProgressRecord.TryRead([], out _));
    }

    [Fact]
    public void Progress_StartsOfFilters_CutAnywhere_WholeOnesOrNone()
    {
        // Version; progress: topic "t", partition 0 at 5; starts: filters "b" and "c/#", topic "t", partition 0 at 7.
        var record = Bytes("01  0A 09 0A 01 74 12 04 01 02 00 0A  2A 13 0A 01 62 0A 03 63 2F 23 12 09 0A 01 74 12 04 01 02 00 0E");
        var start = new MqttFilterStart { Filters = { "b", "c/#" }, Start = { Progress(7) } };

        Assert.Equal(record, ProgressRecord.Write(new() { Progress = { Progress(5) }, Starts = { start } }));
        for (var cut = 0; cut < record.Length; cut++)
        {
            var isWhole = ProgressRecord.TryRead(record.AsSpan(0, cut), out var read);
            Assert.True(isWhole == (cut is 1 or 12), $"cut at {cut}");
            Assert.Empty(read?.Starts ?? []);
        }

        Assert.True(ProgressRecord.TryRead(record, out var whole));
        Assert.Equal(start, Assert.Single(whole.Starts));
        Assert.Equal(Progress(5), Assert.Single(whole.Progress));
    }

    /// <summary>Whatever a byte is, reading ends, and what is taken up can be written.</summary>
    [Fact]
    public void Progress_AnyByteChanged_Ends()
    {
        var record = ProgressRecord.Write(new() { Progress = { Progress(5) }, Starts = { new MqttFilterStart { Filters = { "b" }, Start = { Progress(7) } } } });
        for (var at = 0; at < record.Length; at++)
        {
            foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFE, 0xFF })
            {
                var changed = record.ToArray();
                changed[at] = value;
                var delivery = new SessionDelivery();
                if (ProgressRecord.TryRead(changed, out var read))
                {
                    delivery.TryLoad(read);
                }

                Assert.True(ProgressRecord.TryRead(ProgressRecord.Write(delivery.ToMessage()), out _));
            }
        }
    }

    /// <summary>Only the seconds at the end of an expiry may be missing, and whole packet ids.</summary>
    [Theory]
    [MemberData(nameof(Each))]
    public void Read_CutAnywhere_IsNone(string kind, string picture)
    {
        var record = Bytes(picture);
        for (var cut = 0; cut < record.Length; cut++)
        {
            var isWhole = (kind == nameof(Expiry) && cut == record.Length - 4) || (kind == nameof(Received) && cut is 1 or 3);
            Assert.True(TryRead(kind, record.AsSpan(0, cut)) == (isWhole && TryRead(kind, record)), $"{kind} cut at {cut}");
        }

        Assert.False(TryRead(kind, [.. record, 0]), $"{kind} with a byte more");
    }

    /// <summary>Whatever a byte is, reading ends, and gives nothing or something.</summary>
    [Theory]
    [MemberData(nameof(Each))]
    public void Read_AnyByteChanged_Ends(string kind, string picture)
    {
        var record = Bytes(picture);
        for (var at = 0; at < record.Length; at++)
        {
            foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFE, 0xFF })
            {
                var changed = record.ToArray();
                changed[at] = value;
                TryRead(kind, changed);
            }
        }
    }

    [Fact]
    public void WillProperties_InMqttsWords()
    {
        var will = new MqttWill { Topic = "w", Delay = 5, Qos = 2, Record = new() { Value = Google.Protobuf.ByteString.CopyFromUtf8("bye") } };
        will.Properties = Google.Protobuf.ByteString.CopyFrom(Bytes("01 01  02 0000000A  18 00000005  03 0001 74  08 0001 72  09 0001 09  26 0001 6E 0001 76"));

        var record = WillProperties.ToRecord(will, "1", "2");

        Assert.Equal((WillFormat.Text, 10, "t", "r"), (record.Format, record.Expiry, record.ContentType, record.ResponseTopic));
        Assert.Equal(new("n", "v"), Assert.Single(record.Properties));
        Assert.Equal("bye", Encoding.UTF8.GetString(record.Payload));
    }

    private static bool TryRead(string kind, ReadOnlySpan<byte> record) => kind switch
    {
        nameof(Subscriptions) => SubscriptionsRecord.TryRead(record, out _),
        nameof(Will) => WillSignalRecord.Read(record) is not null,
        nameof(Expiry) => ExpirySignalRecord.Read(record) is not null,
        nameof(Message) => WillMessageRecord.Read(record) is not null,
        nameof(Offsets) => OffsetsRecord.TryRead(record, out _),
        _ => ReceivedRecord.TryRead(record, out _),
    };

    private static MqttTopicProgress Progress(long offset) => new() { Topic = "t", Progress = Google.Protobuf.ByteString.CopyFrom(KafkaProgress.Of(0, offset).Encode()) };

    private static byte[] Bytes(string picture) => Convert.FromHexString(picture.Replace(" ", "", StringComparison.Ordinal));
}
