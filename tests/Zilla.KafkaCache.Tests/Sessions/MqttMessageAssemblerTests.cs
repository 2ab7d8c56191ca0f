using Google.Protobuf;
using Zilla.KafkaCache.Sessions;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>What an edge says in several frames, put together.</summary>
public sealed class MqttMessageAssemblerTests
{
    private const int MaxPayload = 1_000_000;

    private readonly MqttMessageAssembler _assembler = new(MaxPayload);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(999)]
    public void TryAdd_CutAnywhere_TheWholePayload(int at)
    {
        var payload = Payload(1000);

        Assert.False(_assembler.TryAdd(Frame(payload[..at], DataFlags.Init, request: 7), out _, out _));
        Assert.True(_assembler.TryAdd(Frame(payload[at..], DataFlags.Fin), out var message, out var whole));

        Assert.Equal(7ul, message.Request);
        Assert.Equal(payload, whole);
    }

    [Fact]
    public void TryAdd_OneAfterTheOther_NothingOfTheOneBefore()
    {
        Assert.True(_assembler.TryAdd(Frame([1], DataFlags.Whole, request: 1), out _, out var first));
        Assert.False(_assembler.TryAdd(Frame([2], DataFlags.Init, request: 2), out _, out _));
        Assert.True(_assembler.TryAdd(Frame([3], DataFlags.Fin), out _, out var second));
        Assert.True(_assembler.TryAdd(Frame([], DataFlags.Whole, request: 3), out var last, out var third));

        Assert.Equal(new byte[][] { [1], [2, 3], [] }, new[] { first, second, third });
        Assert.Equal(3ul, last.Request);
    }

    [Fact]
    public void TryAdd_ManyPieces_NotCopiedForEachOfThem()
    {
        var piece = Payload(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            var flags = (i == 0 ? DataFlags.Init : DataFlags.None) | (i == 999 ? DataFlags.Fin : DataFlags.None);
            if (_assembler.TryAdd(Frame(piece, flags, request: 1), out _, out var whole))
            {
                Assert.Equal(MaxPayload, whole.Length);
            }
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, MaxPayload, 10 * MaxPayload);
    }

    [Fact]
    public void TryAdd_MoreThanMayBe_Refused()
    {
        Assert.False(_assembler.TryAdd(Frame(Payload(MaxPayload), DataFlags.Init, request: 1), out _, out _));

        Assert.Equal(Cause.InvalidRecord, Assert.Throws<StreamBrokenException>(() => _assembler.TryAdd(Frame([1], DataFlags.Fin), out _, out _)).Cause);
    }

    [Theory]
    [InlineData(DataFlags.None)]
    [InlineData(DataFlags.Fin)]
    [InlineData(DataFlags.Init | DataFlags.Incomplete)]
    public void TryAdd_NotTheBeginning_Refused(DataFlags flags) =>
        Assert.Equal(Cause.ProtocolError, Assert.Throws<StreamBrokenException>(() => _assembler.TryAdd(Frame([1], flags), out _, out _)).Cause);

    private static byte[] Payload(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];

    private static StreamFrame Frame(byte[] payload, DataFlags flags, ulong request = 0) => new()
    {
        Kind = FrameKind.Data,
        Flags = flags,
        Payload = payload,
        Extension = new MqttDataEx { Request = request }.ToByteArray(),
        ExtensionKind = ExtensionKind.Mqtt,
    };
}
