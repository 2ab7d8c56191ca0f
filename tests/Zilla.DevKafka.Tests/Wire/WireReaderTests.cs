using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Wire;

public sealed class WireReaderTests
{
    // "ab" compact | null compact string | bytes 01 02 compact | [5] compact of int32 | one tagged field (7, 3 bytes) | int8 -1
    private static readonly byte[] Flexible = [3, (byte)'a', (byte)'b', 0, 3, 1, 2, 2, 0, 0, 0, 5, 1, 7, 3, 9, 9, 9, 0xFF];

    // "ab" | null string | bytes 01 02 | [5] | int8 -1
    private static readonly byte[] Plain = [0, 2, (byte)'a', (byte)'b', 0xFF, 0xFF, 0, 0, 0, 2, 1, 2, 0, 0, 0, 1, 0, 0, 0, 5, 0xFF];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_Valid_EveryField(bool flexible)
    {
        var reader = new WireReader(flexible ? Flexible : Plain) { Flexible = flexible };
        ReadAll(reader);
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_CutAnywhere_ProtocolException(bool flexible)
    {
        var valid = flexible ? Flexible : Plain;
        for (var cut = 0; cut < valid.Length; cut++)
        {
            Assert.Throws<ProtocolException>(() => ReadAll(new WireReader(valid.AsMemory(0, cut)) { Flexible = flexible }));
        }
    }

    [Fact]
    public void Write_ThenRead_SameBytes()
    {
        using var writer = new WireWriter { Flexible = true };
        writer.String("ab");
        writer.String(null);
        writer.Bytes(new byte[] { 1, 2 });
        writer.Array([5], (w, v) => w.Int32(v));
        Assert.Equal(Flexible[..12], writer.Written.ToArray());
    }

    [Fact]
    public void Array_CountBeyondTheRest_RefusedBeforeAnythingIsAllocated() =>
        Assert.Throws<ProtocolException>(() => new WireReader(new byte[] { 0x7F, 0xFF, 0xFF, 0xFF, 0 }).Array(r => r.Int8()));

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })] // does not end
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x7F })]       // more than 32 bits
    public void UnsignedVarint_TooLong_ProtocolException(byte[] bytes) =>
        Assert.Throws<ProtocolException>(() => new WireReader(bytes).UnsignedVarint());

    [Theory]
    [InlineData(0u, new byte[] { 0 })]
    [InlineData(127u, new byte[] { 0x7F })]
    [InlineData(128u, new byte[] { 0x80, 1 })]
    [InlineData(uint.MaxValue, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]
    public void UnsignedVarint_Value_Bytes(uint value, byte[] bytes)
    {
        using var writer = new WireWriter();
        writer.UnsignedVarint(value);
        Assert.Equal(bytes, writer.Written.ToArray());
        Assert.Equal(value, new WireReader(bytes).UnsignedVarint());
    }

    private static void ReadAll(WireReader reader)
    {
        Assert.Equal("ab", reader.String());
        Assert.Null(reader.NullableString());
        Assert.Equal([1, 2], reader.Bytes().ToArray());
        Assert.Equal([5], reader.Array(r => r.Int32()));
        reader.Tags();
        Assert.Equal(-1, reader.Int8());
    }
}
