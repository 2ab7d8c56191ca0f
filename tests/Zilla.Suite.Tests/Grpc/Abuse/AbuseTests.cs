using System.Buffers.Binary;
using Zilla.EdgeGrpc.Tests.Abuse;
using Zilla.KafkaCache.Tests;
using static Zilla.EdgeGrpc.Tests.Abuse.RawHttp2;

namespace Zilla.Suite.Tests.Grpc.Abuse;

/// <summary>
/// What HTTP/2 can be abused for, at edges that are processes: it costs the call or the connection that it comes on, while clients of the same edge have each of their calls answered, and the edge lives on in memory that is
/// bounded. <c>tests/Zilla.EdgeGrpc.Tests/Abuse</c> has more of it, at an edge within the test.
/// </summary>
[Collection(GrpcCollection.Name)]
public sealed class AbuseTests(GrpcSuite suite, OrdinaryClients others) : IClassFixture<OrdinaryClients>
{
    private const string Talk = "/zilla.tests.Calls/Talk", List = "/zilla.tests.Calls/List";
    private const byte WindowUpdate = 8;

    /// <summary>RFC 9113 §7.</summary>
    private const int ProtocolError = 1, InternalError = 2, CompressionError = 9, EnhanceYourCalm = 11;

    /// <summary>RFC 7541: :status 200, from the table; :status 431, as a literal.</summary>
    private static readonly byte[] Ok = [0x88], TooLarge = [0x48, 3, .. "431"u8];

    /// <summary>An empty message.</summary>
    private static readonly byte[] Message = [0, 0, 0, 0, 0];

    /// <summary>As fast as they can be said: whoever is cut off for it comes again.</summary>
    [Fact]
    public async Task RapidReset_OfThousandsOfCalls_IsTakenOrCutOff_AndLeavesNothingBehind()
    {
        const int Bursts = 20, Calls = 250;
        for (var burst = 0; burst < Bursts;)
        {
            using var attacker = await ConnectAsync(suite.Port);
            var first = burst;
            var ending = AnswersAsync(attacker, Ping, Bursts - first);
            while (burst < Bursts && !ending.IsCompleted)
            {
                var streams = Enumerable.Range((burst - first) * Calls, Calls).Select(number => (2 * number) + 1);
                await attacker.TrySendAsync([.. streams.SelectMany(ResetCall), Frame(Ping, 0, 0, new byte[8])]);
                burst++;
            }

            Assert.Contains(await ending, new int?[] { null, InternalError, EnhanceYourCalm });
        }

        await others.AreUnharmedAsync();
        await others.AreAloneAsync();
    }

    [Fact]
    public async Task Continuations_WithoutEnd_EndTheConnection()
    {
        const int Length = 10_000, Fields = 7, Most = 1000;
        using var attacker = await ConnectAsync(suite.Port);
        var block = Call(Talk, ("filler", new string('x', Length)));
        var field = block[Call(Talk).Length..];
        await attacker.SendAsync(Frame(Headers, 0, 1, Call(Talk)));

        // With the last of them it is more than is taken: what came behind it could destroy the goodbye on its way.
        await attacker.SendAsync([.. Enumerable.Repeat(Frame(Continuation, 0, 1, field), Fields)]);
        Assert.Equal(ProtocolError, await AnswersAsync(attacker, Headers, 1));
        for (var sent = 0; await attacker.TrySendAsync(Frame(Continuation, 0, 1, field)); sent++)
        {
            Assert.InRange(sent, 0, Most);
        }

        await others.AreUnharmedAsync();
    }

    [Fact]
    public async Task Windows_ThatAreNeverOpened_HoldUpTheirOwnStreams_AndMemoryIsBounded()
    {
        // What all of them would be sent: 3 GB.
        const int Calls = 200, Records = 1000, Length = 8000;
        await suite.Broker.ProduceAsync(suite.Heap, [.. Enumerable.Range(0, Records).Select(number => (number % 3, (string?)null, (string?)new string('x', Length)))]);
        using var closed = await ConnectAsync(suite.Port, InitialWindow(0));
        using var narrow = await ConnectAsync(suite.Port, InitialWindow(1));
        foreach (var (attacker, window) in new[] { (closed, 0), (narrow, 1) })
        {
            var streams = Enumerable.Range(0, Calls).Select(number => (2 * number) + 1).ToList();
            await attacker.SendAsync([.. streams.SelectMany(stream => ListHeap(stream))]);
            var (begun, bytes) = (0, 0);
            while (begun < Calls || bytes < Calls * window)
            {
                var frame = await attacker.ReadAsync();
                Assert.NotNull(frame);
                Assert.Contains(frame.Value.Type, new[] { Headers, Data, Settings, WindowUpdate });
                if (frame is { Type: Headers, Payload: var head })
                {
                    Assert.StartsWith(Convert.ToHexString(Ok), Convert.ToHexString(head), StringComparison.Ordinal);
                    begun++;
                }

                bytes += frame is { Type: Data, Payload: var data } ? data.Length : 0;
            }
        }

        await others.AreUnharmedToTheEndAsync();
        foreach (var attacker in new[] { closed, narrow })
        {
            // Nothing more has come.
            await attacker.SendAsync(Frame(Ping, 0, 0, new byte[8]));
            Assert.Equal(Ping, (await attacker.ReadAsync())?.Type);
            attacker.Dispose();
        }

        await others.AreAloneAsync();
    }

    /// <summary>Up to twice as much as is announced, or in number: the call alone is refused.</summary>
    [Theory]
    [InlineData(4, 10_000)]
    [InlineData(150, 1)]
    public async Task Metadata_BeyondTheLimits_EndTheCall(int count, int length)
    {
        using var attacker = await ConnectAsync(suite.Port);
        await attacker.SendAsync(Heads(count, length));
        Assert.StartsWith(Convert.ToHexString(TooLarge), await HeadAsync(attacker, 1), StringComparison.Ordinal);
        await attacker.SendAsync(ListHeap(3));
        Assert.StartsWith(Convert.ToHexString(Ok), await HeadAsync(attacker, 3), StringComparison.Ordinal);
        await others.AreUnharmedAsync();
    }

    /// <summary>More than that, or one field that is too long.</summary>
    /// <param name="count">Of metadata.</param>
    /// <param name="length">Of each.</param>
    /// <param name="frames">So many are sent: with the last of them it is too much.</param>
    /// <param name="error">What the connection ends with.</param>
    [Theory]
    [InlineData(7, 10_000, 5, ProtocolError)]
    [InlineData(250, 1, 1, ProtocolError)]
    [InlineData(1, 30_000, 1, CompressionError)]
    public async Task Metadata_FarBeyondTheLimits_EndTheConnection(int count, int length, int frames, int error)
    {
        using var attacker = await ConnectAsync(suite.Port);
        await attacker.SendAsync(Heads(count, length)[..frames]);
        Assert.Equal(error, await AnswersAsync(attacker, Headers, 1));
        await others.AreUnharmedAsync();
    }

    private static byte[] InitialWindow(byte bytes) => [0, 4, 0, 0, 0, bytes];

    private static byte[][] ResetCall(int stream) => [Frame(Headers, EndHeaders, stream, Call(Talk, (GrpcSuite.Way, "echo"))), Frame(Reset, 0, stream, 0, 0, 0, 8)];

    private static byte[][] ListHeap(int stream) => [Frame(Headers, EndHeaders, stream, Call(List, (GrpcSuite.Way, "heap"))), Frame(Data, EndStream, stream, Message)];

    /// <summary>A call with so many metadata, each so long: HEADERS, and as many CONTINUATION as it takes.</summary>
    private static byte[][] Heads(int count, int length)
    {
        var pieces = Call(Talk, [.. Enumerable.Range(0, count).Select(number => ($"m{number}", new string('x', length)))]).Chunk(16_000).ToList();
        return [.. pieces.Select((piece, index) => Frame(index == 0 ? Headers : Continuation, index == pieces.Count - 1 ? EndHeaders : (byte)0, 1, piece))];
    }

    /// <summary>The first frame of a stream, which is its headers.</summary>
    private static async Task<string> HeadAsync(RawHttp2 attacker, int stream)
    {
        while (true)
        {
            var frame = await attacker.ReadAsync();
            Assert.NotNull(frame);
            if (frame.Value.Stream == stream)
            {
                Assert.Equal(Headers, frame.Value.Type);
                return Convert.ToHexString(frame.Value.Payload);
            }
        }
    }

    /// <summary>Reads so many frames of a type. The code of the edge's goodbye, should it come before; null: none came, or the connection has ended without.</summary>
    private static async Task<int?> AnswersAsync(RawHttp2 attacker, byte type, int count)
    {
        while (count > 0 && await attacker.ReadAsync() is { } frame)
        {
            if (frame.Type == GoAway)
            {
                return BinaryPrimitives.ReadInt32BigEndian(frame.Payload.AsSpan(4));
            }

            count -= frame.Type == type ? 1 : 0;
        }

        return null;
    }
}
