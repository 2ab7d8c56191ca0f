using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Zilla.Streams.Kafka;

namespace Zilla.Streams.Tests.Kafka;

public class KafkaProgressTests
{
    public static TheoryData<string, int[], long[]> WorkedValues { get; } = new()
    {
        { "AQQABAIC", [0, 1], [2, 1] }, // 01 │ 04 = two │ 00 04 = p0 → 2 │ 02 02 = p1 → 1
        { "AQIABA==", [0], [2] },       // 01 │ 02 = one │ 00 04 = p0 → 2
        { "AQIAAQ==", [0], [-1] },      // 01 │ 02 = one │ 00 01 = p0 → -1
    };

    [Theory, MemberData(nameof(WorkedValues))]
    public void TryParse_WorkedValue_GivesItsPartitions(string text, int[] partitions, long[] offsets)
    {
        Assert.True(KafkaProgress.TryParse(text, out var progress));

        Assert.Equal(partitions.Zip(offsets, (p, o) => new PartitionOffset(p, o)), progress.Partitions.ToArray());
        Assert.Equal(text, progress.ToBase64Url());
    }

    [Theory, MemberData(nameof(WorkedValues))]
    public void FormatUtf8_WorkedValue_IsTheSameText(string text, int[] partitions, long[] offsets)
    {
        var vector = new ProgressVector();
        for (var i = partitions.Length - 1; i >= 0; i--)
        {
            vector.Set(partitions[i], 77);
            vector.Set(partitions[i], offsets[i]);
        }

        var utf8 = new byte[vector.TextLength];
        Assert.Equal(utf8.Length, vector.FormatUtf8(utf8));
        Assert.Equal(text, Encoding.UTF8.GetString(utf8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AQIABA")]       // padding is obligatory
    [InlineData("AQIABA=")]
    [InlineData("AQIABA%%")]     // the other padding that the library takes
    [InlineData("AQI ABA=")]
    [InlineData("AQQABAI+")]     // + is base64, not base64url
    [InlineData("AQQABAIC====")]
    [InlineData("AQQABA=C")]
    [InlineData("====")]
    [InlineData("AgIABA==")]     // version 2
    [InlineData("AQQABAAC")]     // p0 twice
    [InlineData("AQIBBA==")]     // partition -1
    [InlineData("AQIAAw==")]     // offset -2
    [InlineData("AQEABA==")]     // -1 partitions
    [InlineData("AQYABAIC")]     // three partitions promised, two there
    [InlineData("AQIABAIC")]     // one promised, two there
    public void TryParse_NotAProgress_IsFalse(string text)
    {
        Assert.False(KafkaProgress.TryParse(text, out _));
    }

    [Fact]
    public void TryDecode_HugeCount_AllocatesNothing()
    {
        byte[] lie = [0x01, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0]; // 2147483647 partitions
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(KafkaProgress.TryDecode(lie, out _));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public void TryDecode_CutAnywhere_IsFalse()
    {
        var whole = KafkaProgress.Create([new(0, 2), new(1, 1_000_000_000_000), new(300, 70_000)]).Encode();
        for (var cut = 0; cut < whole.Length; cut++)
        {
            Assert.False(KafkaProgress.TryDecode(whole.AsSpan(0, cut), out _), $"cut at {cut}");
        }

        Assert.True(KafkaProgress.TryDecode(whole, out _));
    }

    [Fact]
    public void Encode_AnyProgress_ComesBackFromBytesTextAndVector()
    {
        var partitions = Gen.Choose(0, KafkaProgress.MaxPartitions - 1)
            .SelectMany(p => ArbMap.Default.GeneratorFor<NonNegativeInt>().SelectMany(o => Gen.Choose(0, 32).Select(s => new PartitionOffset(p, ((long)o.Get << s) - 1))))
            .ArrayOf()
            .Select(all => all.DistinctBy(p => p.Partition).ToArray());
        Prop.ForAll(partitions.ToArbitrary(), all =>
        {
            var progress = KafkaProgress.Create(all);
            var vector = new ProgressVector(progress);
            var bytes = new byte[vector.EncodedLength];
            return KafkaProgress.TryDecode(progress.Encode(), out var decoded) && decoded.Equals(progress) && decoded.GetHashCode() == progress.GetHashCode()
                && KafkaProgress.TryParse(progress.ToBase64Url(), out var parsed) && parsed.Equals(progress)
                && vector.Encode(bytes) == bytes.Length && bytes.AsSpan().SequenceEqual(progress.Encode())
                && vector.ToProgress().Equals(progress);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void TryDecode_AnyBytes_NeverThrows()
    {
        Prop.ForAll<byte[]>(bytes => !KafkaProgress.TryDecode([1, .. bytes], out var progress) || progress.Partitions.Length <= KafkaProgress.MaxPartitions)
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Covers_AnotherProgress_ComparesEveryPartition()
    {
        var here = KafkaProgress.Create([new(0, 5), new(1, 3)]);

        Assert.True(here.Covers(KafkaProgress.Empty));
        Assert.True(here.Covers(KafkaProgress.Of(0, 5)));
        Assert.True(here.Covers(KafkaProgress.Create([new(1, 2), new(2, 0)])));
        Assert.False(here.Covers(KafkaProgress.Of(0, 6)));
        Assert.False(here.Covers(KafkaProgress.Of(2, 1)));
    }

    [Fact]
    public void With_Partition_ReplacesOrAdds()
    {
        var progress = KafkaProgress.Of(1, 3).With(0, 7).With(1, 4);

        Assert.Equal(7, progress[0]);
        Assert.Equal(4, progress[1]);
        Assert.Null(progress[2]);
        Assert.Equal(KafkaProgress.Create([new(1, 4), new(0, 7)]), progress);
        Assert.Throws<ArgumentException>(() => progress.With(-1, 0));
    }

    [Fact]
    public void EncodeField_IsTagLengthAndProgress()
    {
        var vector = new ProgressVector(KafkaProgress.Of(0, 1));
        var field = new byte[vector.FieldLength(32767)];
        Assert.Equal(field.Length, vector.EncodeField(32767, field));
        Assert.Equal("FAFF0F" + "04" + Convert.ToHexString(KafkaProgress.Of(0, 1).Encode()), Convert.ToHexString(field));
    }

    [Fact]
    public void FormatUtf8_ManyEvents_AllocatesNothing()
    {
        var vector = new ProgressVector(KafkaProgress.Create([new(0, 0), new(1, 0)]));
        Span<byte> id = stackalloc byte[64];
        vector.FormatUtf8(id);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            vector.Set(i & 1, i);
            vector.FormatUtf8(id);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
