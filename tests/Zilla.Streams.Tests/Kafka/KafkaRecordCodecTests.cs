using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Streams.Tests.Kafka;

public class KafkaRecordCodecTests
{
    private static readonly KafkaDataEx Full = new()
    {
        Partition = 3,
        Offset = 1_000_000_000_000,
        Timestamp = 1_767_225_600_000,
        Key = ByteString.CopyFromUtf8("key"),
        Tombstone = true,
        Headers =
        {
            new KafkaHeader { Name = "content-type", Value = ByteString.CopyFromUtf8("application/json") },
            new KafkaHeader { Name = "", Value = ByteString.Empty },
            new KafkaHeader { Name = "null" },
        },
        PartitionKey = ByteString.CopyFromUtf8("identity"),
    };

    [Fact]
    public void Write_FewFields_IsTheseBytes()
    {
        var written = Write(new KafkaDataEx { Partition = -1, Offset = 2, Key = ByteString.CopyFromUtf8("k"), Headers = { new KafkaHeader { Name = "h" } } });

        byte[] expected =
        [
            0x08, 0x01,                   // partition -1
            0x10, 0x04,                   // offset 2
            0x22, 0x01, (byte)'k',        // key
            0x32, 0x03,                   // header
            0x0A, 0x01, (byte)'h',        // its name; no value
        ];
        Assert.Equal(expected, written);
    }

    [Fact]
    public void Write_PartitionKey_StandsBehindTheHeaders()
    {
        var written = Write(new KafkaDataEx { Key = ByteString.Empty, Headers = { new KafkaHeader { Name = "h" } }, PartitionKey = ByteString.CopyFromUtf8("id") });

        byte[] expected =
        [
            0x22, 0x00,                         // empty key
            0x32, 0x03, 0x0A, 0x01, (byte)'h',  // header
            0x3A, 0x02, (byte)'i', (byte)'d',   // partition key
        ];
        Assert.Equal(expected, written);
        Assert.True(KafkaRecordCodec.TryRead(written, default, out var record));
        Assert.Equal(("id", true), (System.Text.Encoding.UTF8.GetString(record.PartitionKey.Span), record.HasPartitionKey));
    }

    [Fact]
    public void Tombstone_BehindARecord_MakesATombstoneOfIt() =>
        Prop.ForAll(
            Records,
            message =>
            {
                byte[] tombstone = [.. Write(message), .. KafkaRecordCodec.Tombstone];
                var expected = new KafkaDataEx(message) { Tombstone = true };
                return KafkaDataEx.Parser.ParseFrom(tombstone).Equals(expected) && KafkaRecordCodec.TryRead(tombstone, default, out var record) && ToMessage(record).Equals(expected);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Write_AnyRecord_IsWhatTheGeneratedCodeWrites() =>
        Prop.ForAll(Records, message => Write(message).AsSpan().SequenceEqual(message.ToByteArray())).QuickCheckThrowOnFailure();

    [Fact]
    public void TryRead_AnyRecord_IsWhatTheGeneratedCodeWrote() =>
        Prop.ForAll(Records, message => KafkaRecordCodec.TryRead(message.ToByteArray(), default, out var record) && ToMessage(record).Equals(message)).QuickCheckThrowOnFailure();

    [Fact]
    public void TryRead_CutAnywhere_IsRefusedOrASmallerRecord()
    {
        var whole = Full.ToByteArray();
        for (var cut = 0; cut < whole.Length; cut++)
        {
            // Between two fields a cut leaves a sound message; the generated code is the judge.
            var expected = Generated(whole[..cut]);
            Assert.Equal(expected is not null, KafkaRecordCodec.TryRead(whole.AsMemory(0, cut), default, out var record));
            if (expected is not null)
            {
                Assert.Equal(expected, ToMessage(record));
            }
        }
    }

    [Fact]
    public void TryRead_MutatedInput_NeverThrowsAndNeverReadsWhatTheGeneratedCodeRefuses()
    {
        var whole = Full.ToByteArray();
        var mutation = Gen.Choose(0, whole.Length - 1).SelectMany(at => Gen.Choose(0, 255).Select(to => (at, to))).ListOf(3);
        Prop.ForAll(mutation.ToArbitrary(), changes =>
        {
            var mutated = whole.ToArray();
            foreach (var (at, to) in changes)
            {
                mutated[at] = (byte)to;
            }

            return Fuzz(mutated);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void TryRead_UnknownFields_ArePassedOver()
    {
        byte[] later =
        [
            0x08, 0x02,                         // partition 1
            0x50, 0x05,                         // field 10, varint
            0x82, 0x01, 0x02, 1, 2,             // field 16, two bytes
            0x45, 1, 2, 3, 4,                   // field 8, I32
            0x49, 1, 2, 3, 4, 5, 6, 7, 8,       // field 9, I64
            0x32, 0x05, 0x18, 0x01, 0x0A, 0x01, (byte)'h', // header with a field 3
            0x10, 0x02,                         // offset 1, out of order
        ];

        Assert.True(KafkaRecordCodec.TryRead(later, default, out var record));
        Assert.Equal((1, 1L), (record.Partition, record.Offset));
        Assert.True(record.TryGetHeader("h"u8, out var header));
        Assert.False(header.HasValue);
    }

    [Fact]
    public void TryGetHeader_RepeatedName_IsTheFirst()
    {
        var message = new KafkaDataEx
        {
            Headers = { new KafkaHeader { Name = "a", Value = ByteString.CopyFromUtf8("1") }, new KafkaHeader { Name = "a", Value = ByteString.CopyFromUtf8("2") } },
        };
        Assert.True(KafkaRecordCodec.TryRead(message.ToByteArray(), default, out var record));

        Assert.True(record.TryGetHeader("a"u8, out var header));
        Assert.Equal("1"u8.ToArray(), header.Value.ToArray());
        Assert.False(record.TryGetHeader("b"u8, out _));
    }

    [Fact]
    public void TryRead_WithHeaders_AllocatesNothing()
    {
        ReadOnlyMemory<byte> encoded = Full.ToByteArray();
        KafkaRecordCodec.TryRead(encoded, default, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var headers = 0;
        for (var i = 0; i < 100; i++)
        {
            KafkaRecordCodec.TryRead(encoded, default, out var record);
            foreach (var header in record.Headers)
            {
                headers += header.HasValue ? 1 : 0;
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(200, headers);
    }

    [Fact]
    public void Copy_IsTheSameRecord_AndKeepsNothingOfTheBatch()
    {
        var (batch, payload) = (Full.ToByteArray(), "value"u8.ToArray());
        Assert.True(KafkaRecordCodec.TryRead(batch, payload, out var record));
        var copy = record.Copy();
        batch.AsSpan().Clear();
        payload.AsSpan().Clear();
        Assert.Equal(Full, ToMessage(copy));
        Assert.Equal("value"u8, copy.Value.Span);
    }

    /// <summary>
    /// A target for a fuzzer: what we read, the generated code reads too, to the same end. Only that it refuses header names which are not
    /// UTF-8: some producers write them, and a record is not lost for that.
    /// </summary>
    internal static bool Fuzz(byte[] input)
    {
        if (!KafkaRecordCodec.TryRead(input, default, out var record))
        {
            return true;
        }

        var names = true;
        foreach (var header in record.Headers)
        {
            names &= System.Text.Unicode.Utf8.IsValid(header.Name.Span);
        }

        return !names || (Generated(input) is { } message && ToMessage(record).Equals(message));
    }

    private static KafkaDataEx? Generated(byte[] bytes)
    {
        try
        {
            return KafkaDataEx.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static Arbitrary<KafkaDataEx> Records
    {
        get
        {
            var bytes = ArbMap.Default.GeneratorFor<byte[]>().Select(b => ByteString.CopyFrom(b ?? []));
            var text = ArbMap.Default.GeneratorFor<NonEmptyString>().Select(s => new string(s.Get.Where(c => !char.IsSurrogate(c)).ToArray()));
            var header = text.SelectMany(name => bytes.SelectMany(value => ArbMap.Default.GeneratorFor<bool>().Select(some =>
            {
                var made = new KafkaHeader { Name = name };
                if (some)
                {
                    made.Value = value;
                }

                return made;
            })));
            return ArbMap.Default.GeneratorFor<(int, long, long, bool, bool, bool)>().SelectMany(n => bytes.SelectMany(key => header.ArrayOf().Select(headers =>
            {
                var made = new KafkaDataEx { Partition = n.Item1, Offset = n.Item2, Timestamp = n.Item3, Tombstone = n.Item4, Headers = { headers } };
                if (n.Item5)
                {
                    made.Key = key;
                }

                if (n.Item6)
                {
                    made.PartitionKey = key;
                }

                return made;
            }))).ToArbitrary();
        }
    }

    private static byte[] Write(KafkaDataEx message)
    {
        var head = new KafkaRecordHead
        {
            Partition = message.Partition,
            Offset = message.Offset,
            Timestamp = message.Timestamp,
            Key = message.Key.Span,
            HasKey = message.HasKey,
            IsTombstone = message.Tombstone,
            PartitionKey = message.PartitionKey.Span,
            HasPartitionKey = message.HasPartitionKey,
        };
        var headers = message.Headers.Select(h => new RecordHeader(System.Text.Encoding.UTF8.GetBytes(h.Name), h.Value.Memory, h.HasValue)).ToArray();
        var buffer = new ArrayBufferWriter<byte>();
        KafkaRecordCodec.Write(head, headers, buffer);
        Assert.Equal(KafkaRecordCodec.Size(head, headers), buffer.WrittenCount);
        return buffer.WrittenSpan.ToArray();
    }

    private static KafkaDataEx ToMessage(in KafkaRecord record)
    {
        var message = new KafkaDataEx { Partition = record.Partition, Offset = record.Offset, Timestamp = record.Timestamp, Tombstone = record.IsTombstone };
        if (record.HasKey)
        {
            message.Key = ByteString.CopyFrom(record.Key.Span);
        }

        if (record.HasPartitionKey)
        {
            message.PartitionKey = ByteString.CopyFrom(record.PartitionKey.Span);
        }

        foreach (var header in record.Headers)
        {
            var made = new KafkaHeader { Name = System.Text.Encoding.UTF8.GetString(header.Name.Span) };
            if (header.HasValue)
            {
                made.Value = ByteString.CopyFrom(header.Value.Span);
            }

            message.Headers.Add(made);
        }

        return message;
    }
}
