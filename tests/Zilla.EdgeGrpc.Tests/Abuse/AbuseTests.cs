using System.Buffers.Binary;
using Google.Protobuf;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Testing;
using static Zilla.EdgeGrpc.Tests.Abuse.RawHttp2;

namespace Zilla.EdgeGrpc.Tests.Abuse;

/// <summary>What HTTP/2 can be abused for: each costs the connection it comes on, or stalls that alone, while another client is served all along.</summary>
public sealed class AbuseTests : IAsyncLifetime
{
    private const string Get = "/zilla.tests.Things/Get", Watch = "/zilla.tests.Things/Watch", Talk = "/zilla.tests.Things/Talk", Upload = "/zilla.tests.Things/Upload";

    /// <summary>An empty message.</summary>
    private static readonly byte[] Message = [0, 0, 0, 0, 0];

    private Gateway _gateway = null!;
    private Task _good = Task.CompletedTask;
    private volatile bool _isOver;
    private long _served;

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync(
            [("Http:HeadersTimeout", "00:00:01"), ("Http:MaxStreams", "100")],
            Gateway.Fetch("*/Get", "things"), Gateway.Fetch("*/Watch", "many"), Gateway.Produce("*/Talk", "requests", "replies"), Gateway.Produce("*/Upload", "good"));
        _gateway.Cache.Topic("things").Append(0, null, [], []);
        _ = (_gateway.Cache.Topic("requests"), _gateway.Cache.Topic("replies"), _gateway.Cache.Topic("good"));
        _good = ServeGoodAsync();
    }

    public async Task DisposeAsync()
    {
        _isOver = true;
        await _good;
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task RapidReset_LeavesNothingBehind()
    {
        const int Calls = 5000;
        using var client = await ConnectAsync(_gateway.Port);
        var reading = client.CountUntilTheEndAsync(Headers);
        var isTaken = true;
        for (var number = 0; number < Calls && isTaken; number++)
        {
            var stream = (2 * number) + 1;
            isTaken = await client.TrySendAsync(Frame(Headers, EndHeaders, stream, Call(Talk)), Frame(Reset, 0, stream, 0, 0, 0, 8));
        }

        await GoodIsServedAsync();
        client.Dispose();
        await reading;
        await Eventually.HoldsAsync(() => _gateway.Cache.OpenStreams <= 3);
    }

    [Fact]
    public async Task Continuations_WithoutEnd_EndTheConnection()
    {
        using var client = await ConnectAsync(_gateway.Port);
        await client.SendAsync(Frame(Headers, 0, 1, Call(Get)));
        var ending = client.CountUntilTheEndAsync(Headers);
        var field = Call(Get, ("filler", new string('x', 8000)))[^8011..];
        for (var sent = 0; !ending.IsCompleted && await client.TrySendAsync(Frame(Continuation, 0, 1, field)); sent++)
        {
            Assert.True(sent < 1000, "headers without end are taken");
        }

        Assert.Equal(0, await ending);
        await GoodIsServedAsync();
    }

    [Fact]
    public async Task Continuations_ThatAreEmpty_EndTheConnection()
    {
        using var client = await ConnectAsync(_gateway.Port);
        await client.SendAsync(Frame(Headers, 0, 1, Call(Get)));
        var ending = client.CountUntilTheEndAsync(Headers);
        while (!ending.IsCompleted && await client.TrySendAsync(Enumerable.Repeat(Frame(Continuation, 0, 1), 100).ToArray()))
        {
            await Task.Yield();
        }

        Assert.Equal(0, await ending);
        await GoodIsServedAsync();
    }

    /// <summary>Whoever does not read the answers is not read from, so that these do not heap up.</summary>
    [Theory]
    [InlineData(Ping, 8)]
    [InlineData(Settings, 0)]
    public async Task Flood_OfWhatHasToBeAnswered_IsTakenNoFasterThanTheAnswersAre(byte type, int length)
    {
        // More than the system's own buffers hold, both ways.
        const int Frames = 1000, Most = 200 << 20;
        var sent = 0L;
        using var client = await ConnectAsync(_gateway.Port);
        var burst = Enumerable.Repeat(Frame(type, 0, 0, new byte[length]), Frames).SelectMany(frame => frame).ToArray();
        var flooding = FloodAsync();
        var before = -1L;
        await Eventually.HoldsAsync(async () =>
        {
            // It has come to a halt, or to an end.
            await GoodIsServedAsync();
            return flooding.IsCompleted || before == (before = Interlocked.Read(ref sent));
        });
        Assert.InRange(Interlocked.Read(ref sent), 0, Most - 1);
        client.Dispose();
        await flooding;

        async Task FloodAsync()
        {
            while (Interlocked.Read(ref sent) < Most && await client.TrySendAsync(burst))
            {
                Interlocked.Add(ref sent, burst.Length);
            }
        }
    }

    [Fact]
    public async Task Window_ThatIsNeverOpened_HoldsTheFetchUp_AndLittleIsRead()
    {
        const int Records = 2000, Length = 10_000;
        var (topic, read) = (_gateway.Cache.Topic("many"), 0);
        for (var number = 0; number < Records; number++)
        {
            topic.Append(0, null, new Everything { AString = new string('x', Length) }.ToByteArray(), []);
        }

        _gateway.Cache.BeforeWrite = () =>
        {
            Interlocked.Increment(ref read);
            return Task.CompletedTask;
        };

        // SETTINGS_INITIAL_WINDOW_SIZE = 0
        using var client = await ConnectAsync(_gateway.Port, [0, 4, 0, 0, 0, 0]);
        await client.SendAsync(Frame(Headers, EndHeaders, 1, Call(Watch)), Frame(Data, EndStream, 1, Message));
        while (await client.ReadAsync() is { } frame && frame.Type != Headers)
        {
            Assert.NotEqual(GoAway, frame.Type);
        }

        var before = -1;
        await Eventually.HoldsAsync(async () =>
        {
            await GoodIsServedAsync();
            return before == (before = Volatile.Read(ref read));
        });

        // What is read is what the buffers between hold.
        Assert.InRange(before, 1, Records / 2);
    }

    /// <summary>Requests of many clients come on one connection when they are handed over.</summary>
    [Fact]
    public async Task Requests_ThatNobodyReads_LeaveTheConnectionToOthers()
    {
        const int Allowed = 100, Stalled = 40, Largest = 16 << 10;

        // SETTINGS_INITIAL_WINDOW_SIZE = 0: as the answers are not taken, no more is read of what asks for them.
        using var client = await ConnectAsync(_gateway.Port, [0, 4, 0, 0, 0, 0]);
        var (each, all) = await WindowsAsync(client);
        Assert.InRange(all, (long)Allowed * each, long.MaxValue);
        for (var number = 0; number < Stalled; number++)
        {
            var stream = (2 * number) + 1;
            await client.SendAsync([Frame(Headers, EndHeaders, stream, Call("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")), .. new byte[each].Chunk(Largest).Select(messages => Frame(Data, 0, stream, messages))]);
        }

        var through = new Everything { AString = "through" }.ToByteArray();
        await client.SendAsync(Frame(Headers, EndHeaders, (2 * Stalled) + 1, Call(Upload)), Frame(Data, EndStream, (2 * Stalled) + 1, [0, 0, 0, 0, (byte)through.Length, .. through]));
        await Eventually.HoldsAsync(() => _gateway.Cache.Topic("good").Records(0).Any(record => through.AsSpan().SequenceEqual(record.Value)));
    }

    /// <summary>What the edge takes unread: of a stream, and of the connection.</summary>
    private static async Task<(int Stream, long Connection)> WindowsAsync(RawHttp2 client)
    {
        const byte WindowUpdate = 8, InitialWindowSize = 4;
        var (stream, connection) = (0, 65_535L);
        while (stream == 0 || connection == 65_535)
        {
            var frame = await client.ReadAsync();
            Assert.NotNull(frame);
            if (frame.Value is { Type: Settings, Payload: var settings })
            {
                stream = settings.Chunk(6).Where(setting => setting[1] == InitialWindowSize).Select(setting => BinaryPrimitives.ReadInt32BigEndian(setting.AsSpan(2))).SingleOrDefault(stream);
            }
            else if (frame.Value is { Type: WindowUpdate, Stream: 0, Payload: var more })
            {
                connection += BinaryPrimitives.ReadInt32BigEndian(more);
            }
        }

        return (stream, connection);
    }

    [Theory]
    [InlineData(5, 10_000)]
    [InlineData(1, 30_000)]
    [InlineData(500, 1)]
    public async Task Metadata_BeyondTheLimits_EndTheConnectionOrTheCall(int count, int length)
    {
        using var client = await ConnectAsync(_gateway.Port);
        var block = Call(Get, [.. Enumerable.Range(0, count).Select(number => ($"m{number}", new string('x', length)))]);
        var pieces = block.Chunk(16_000).ToList();
        await client.TrySendAsync([.. pieces.Select((piece, index) => Frame(index == 0 ? Headers : Continuation, index == pieces.Count - 1 ? EndHeaders : (byte)0, 1, piece)), Frame(Data, EndStream, 1, Message)]);
        var isRefused = false;
        while (!isRefused && await client.ReadAsync() is { } frame)
        {
            // 88 is :status 200 (RFC 7541, appendix A), with which every call is answered.
            isRefused = frame.Type is GoAway or Reset || (frame.Type == Headers && frame.Payload[0] != 0x88);
            Assert.True(isRefused || frame.Type is not (Headers or Data), "the call is answered");
        }

        await GoodIsServedAsync();
    }

    [Fact]
    public async Task Streams_BeyondTheirNumber_AreRefusedOneByOne()
    {
        const int Calls = 300, Allowed = 100, Refused = 7;
        using var client = await ConnectAsync(_gateway.Port);
        for (var number = 0; number < Calls; number++)
        {
            await client.SendAsync(Frame(Headers, EndHeaders, (2 * number) + 1, Call(Talk)));
        }

        for (var refused = 0; refused < Calls - Allowed;)
        {
            var frame = await client.ReadAsync();
            Assert.NotNull(frame);
            if (frame.Value.Type == Reset)
            {
                Assert.Equal(Refused, BinaryPrimitives.ReadInt32BigEndian(frame.Value.Payload));
                refused++;
            }
        }

        await GoodIsServedAsync();
    }

    [Fact]
    public async Task Body_ThatDrips_EndsTheCall()
    {
        await using var gateway = await Gateway.StartAsync([("Http:RateGrace", "00:00:01.1")], Gateway.Fetch("*/Get", "things"));
        using var client = await ConnectAsync(gateway.Port);
        await client.SendAsync(Frame(Headers, EndHeaders, 1, Call(Get)), Frame(Data, 0, 1, 0));
        var ending = client.CountUntilTheEndAsync(Data);
        while (!ending.IsCompleted && await client.TrySendAsync(Frame(Data, 0, 1, 0)))
        {
            // A drop each time that others have been served, which is looked at every 10 ms: less than half of the pace that is asked for.
            await GoodIsServedAsync();
        }

        Assert.Equal(0, await ending);
    }

    /// <summary>From now on.</summary>
    private async Task GoodIsServedAsync()
    {
        var before = Interlocked.Read(ref _served);
        await Eventually.HoldsAsync(() => _good.IsFaulted || Interlocked.Read(ref _served) >= before + 2);
        Assert.False(_good.IsFaulted, _good.Exception?.ToString());
    }

    private async Task ServeGoodAsync()
    {
        while (!_isOver)
        {
            using var call = _gateway.Things.Upload(deadline: DateTime.UtcNow.AddSeconds(20));
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
            Interlocked.Increment(ref _served);
        }
    }
}
