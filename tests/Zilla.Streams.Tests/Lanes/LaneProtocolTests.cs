using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;
using Zilla.Streams.Lanes;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Streams.Tests.Lanes;

/// <summary>A lane against a peer that says what the test wants, right or wrong.</summary>
public sealed class LaneProtocolTests : IAsyncLifetime
{
    private static readonly Hello Greeting = new() { Version = 1, MinimumVersion = 1, Instance = "peer", StreamCredit = 1000, LaneCredit = 3000 };

    private readonly MemoryTransport _peer;
    private readonly MemoryTransport _transport;
    private readonly Queue<Frame> _received = new();
    private readonly ManualTime _time = new();
    private Lane? _lane;

    public LaneProtocolTests() => (_peer, _transport) = MemoryTransport.CreatePair();

    [Fact]
    public async Task HELLO_IsTheFirstFrameAndNothingFollowsBeforeThePeers()
    {
        Start(Idle, isDialler: true);
        await using var stream = _lane!.Open(new Begin());
        Assert.Equal(Frame.KindOneofCase.Hello, (await ReceiveAsync()).KindCase);
        Assert.False(_lane.Ready.IsCompleted);

        await SendAsync(new Frame { Hello = Greeting });

        Assert.Equal("peer", (await _lane.Ready).Peer);
        Assert.Equal((Frame.KindOneofCase.Begin, 1UL), await ReceiveKindAsync());
    }

    [Theory]
    [InlineData(3, 2, Cause.Version)]
    [InlineData(0, 0, Cause.Version)]
    public async Task HELLO_NoVersionInCommon_RefusesTheLane(uint version, uint minimum, Cause cause)
    {
        Start(Idle);
        var hello = Greeting.Clone();
        (hello.Version, hello.MinimumVersion) = (version, minimum);

        await SendAsync(new Frame { Hello = hello });

        await AssertLaneEndsAsync(cause);
    }

    [Fact]
    public async Task HELLO_ALaterPeerThatStillSpeaksOurs_IsAccepted()
    {
        Start(Idle);
        var hello = Greeting.Clone();
        (hello.Version, hello.MinimumVersion) = (2, 1);

        await SendAsync(new Frame { Hello = hello });

        Assert.Equal(1u, (await _lane!.Ready).Version);
    }

    [Fact]
    public async Task HELLO_DoesNotCome_TheLaneTimesOut()
    {
        Start(Idle);
        await ReceiveAsync();

        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _lane!.Ended.IsCompleted;
        });

        Assert.Equal(Cause.Timeout, (await _lane!.Ended).Cause);
    }

    public static TheoryData<string, Frame[], Cause> LaneErrors { get; } = new()
    {
        { "HELLO twice", [new Frame { Hello = Greeting }], Cause.ProtocolError },
        { "DATA of a stream never opened", [new Frame { StreamId = 1, Data = new Data() }], Cause.ProtocolError },
        { "BEGIN of an even id from the dialler", [new Frame { StreamId = 2, Begin = new Begin() }], Cause.ProtocolError },
        { "BEGIN twice", [new Frame { StreamId = 1, Begin = new Begin() }, new Frame { StreamId = 1, Begin = new Begin() }], Cause.ProtocolError },
        { "BEGIN of a lower id", [new Frame { StreamId = 3, Begin = new Begin() }, new Frame { StreamId = 1, Begin = new Begin() }], Cause.ProtocolError },
        { "DATA of the lane itself", [new Frame { Data = new Data() }], Cause.ProtocolError },
        { "lane credit overflows", [new Frame { Window = new Window { Credit = int.MaxValue } }], Cause.FlowControl },
        { "ABORT of the lane", [new Frame { Abort = new Abort { Cause = Cause.Overloaded } }], Cause.Overloaded },
        { "a cause of a later version", [new Frame { Abort = new Abort { Cause = (Cause)99 } }], Cause.Internal },
    };

    [Theory, MemberData(nameof(LaneErrors))]
    public async Task Received_BreaksTheProtocol_EndsTheLaneWithItsCause(string what, Frame[] frames, Cause cause)
    {
        Assert.NotEmpty(what);
        Start(Idle);
        await SendAsync([new Frame { Hello = Greeting }, .. frames]);

        await AssertLaneEndsAsync(cause);
    }

    [Fact]
    public async Task Received_Garbage_EndsTheLane()
    {
        Start(Idle);
        await SendAsync(new Frame { Hello = Greeting });
        await _peer.SendAsync(new byte[] { 0x0A, 0x7F, 1, 2, 3 }, false, default);

        await AssertLaneEndsAsync(Cause.ProtocolError);
    }

    [Fact]
    public async Task DATA_BeyondTheStreamsCredit_ResetsOnlyThatStream()
    {
        Start(Idle, options: new() { StreamCredit = 200, LaneCredit = 100_000 });
        var data = new Data { Payload = ByteString.CopyFrom(new byte[36]) }; // costs 100
        await SendAsync(new Frame { Hello = Greeting }, new Frame { StreamId = 1, Begin = new Begin() }, new Frame { StreamId = 3, Begin = new Begin() });

        for (var i = 0; i < 3; i++)
        {
            await SendAsync(new Frame { StreamId = 1, Data = data });
        }

        var reset = await ReceiveAsync(f => f.KindCase == Frame.KindOneofCase.Reset);
        Assert.Equal((1UL, Cause.FlowControl), (reset.StreamId, reset.Reset.Cause));
        Assert.False(_lane!.Ended.IsCompleted);
        await Eventually.HoldsAsync(() => _lane.OpenStreams == 1);
    }

    [Fact]
    public async Task DATA_BeyondTheLanesCredit_EndsTheLane()
    {
        Start(Idle, options: new() { LaneCredit = 1000 });
        var data = new Frame { StreamId = 1, Data = new Data() }; // costs 64
        await SendAsync(new Frame { Hello = Greeting }, new Frame { StreamId = 1, Begin = new Begin() });
        await SendAsync([.. Enumerable.Repeat(data, 15)]);
        Assert.Equal(15UL * 64, (await ReceiveAsync(f => f.KindCase == Frame.KindOneofCase.Window)).Window.Credit);

        await SendAsync([.. Enumerable.Repeat(data, 16)]);

        await AssertLaneEndsAsync(Cause.FlowControl);
    }

    [Fact]
    public async Task DATA_AfterReset_IsIgnoredAndStillGivesLaneCreditBack()
    {
        Start(new Acceptor((stream, _) =>
        {
            stream.Reset(Cause.UnknownTopic, "");
            return Task.CompletedTask;
        }), options: new() { LaneCredit = 1000 });
        await SendAsync(new Frame { Hello = Greeting }, new Frame { StreamId = 1, Begin = new Begin() });
        Assert.Equal(Cause.UnknownTopic, (await ReceiveAsync(f => f.KindCase == Frame.KindOneofCase.Reset)).Reset.Cause);

        var data = new Frame { StreamId = 1, Data = new Data { Payload = ByteString.CopyFrom(new byte[186]) } }; // costs 250
        var given = 0UL;
        for (var i = 0; i < 20; i++)
        {
            await SendAsync(data, data);
            var window = await ReceiveAsync();
            Assert.Equal(0UL, window.StreamId);
            given += window.Window.Credit;
        }

        Assert.Equal(20UL * 500, given);
        Assert.False(_lane!.Ended.IsCompleted);
    }

    [Fact]
    public async Task Write_LaneCreditUsedUp_WaitsItsTurnAndGoesOnWithTheWindow()
    {
        Start(Idle, isDialler: true);
        await SendAsync(new Frame { Hello = Greeting }); // 1000 a stream, 3000 the lane
        await _lane!.Ready;
        var streams = Enumerable.Range(0, 4).Select(_ => _lane.Open(new Begin())).ToArray();
        var payload = new byte[436]; // costs 500
        foreach (var stream in streams[..3])
        {
            await stream.WriteDataAsync(payload, default);
            await stream.WriteDataAsync(payload, default);
        }

        var large = streams[3].WriteDataAsync(payload, default);
        Assert.False(large.IsCompleted);
        await SendAsync(new Frame { StreamId = 1, Window = new Window { Credit = 1000 } });
        var late = streams[0].WriteDataAsync(new byte[1], default); // Has the credit of its stream and would fit sooner, but comes after.
        await SendAsync(new Frame { Window = new Window { Credit = 499 } });
        Assert.False(late.IsCompleted);
        await SendAsync(new Frame { Window = new Window { Credit = 1 + 65 } });

        await Eventually.CompletesAsync(large.AsTask().ContinueWith(_ => true, TaskScheduler.Default));
        await Eventually.CompletesAsync(late.AsTask().ContinueWith(_ => true, TaskScheduler.Default));
        var data = new List<ulong>();
        while (data.Count < 8)
        {
            data.Add((await ReceiveAsync(f => f.KindCase == Frame.KindOneofCase.Data)).StreamId);
        }

        Assert.Equal([7UL, 1UL], data[^2..]);
    }

    [Fact]
    public async Task Write_LargerThanTheStreamsCredit_IsSentWhenHalfOfItIsThere()
    {
        Start(Idle, isDialler: true);
        await SendAsync(new Frame { Hello = Greeting });
        await _lane!.Ready;
        await using var stream = _lane.Open(new Begin());

        await stream.WriteDataAsync(new byte[500_000], default);

        Assert.Equal(500_000, (await ReceiveAsync(f => f.KindCase == Frame.KindOneofCase.Data)).Data.Payload.Length);
        Assert.Throws<ArgumentException>(() => { _ = stream.WriteDataAsync(new byte[LaneOptions.MaxBatch], default); });
    }

    [Fact]
    public async Task BEGIN_BeyondTheLimit_IsRefusedAsOverloaded()
    {
        Start(Idle, options: new() { MaxStreams = 2 });
        await SendAsync([new Frame { Hello = Greeting }, .. Enumerable.Range(0, 3).Select(i => new Frame { StreamId = (ulong)((2 * i) + 1), Begin = new Begin() })]);

        var reset = await ReceiveAsync(f => f.KindCase == Frame.KindOneofCase.Reset);

        Assert.Equal((5UL, Cause.Overloaded), (reset.StreamId, reset.Reset.Cause));
    }

    [Fact]
    public async Task CHALLENGE_OverAndOver_IsKeptOnce()
    {
        Start(Idle, isDialler: true);
        await SendAsync(new Frame { Hello = Greeting });
        await _lane!.Ready;
        await using var stream = _lane.Open(new Begin());
        var challenge = new Frame { StreamId = 1, Challenge = new Challenge() };
        await SendAsync(new Frame { StreamId = 1, Begin = new Begin() }, challenge, challenge, challenge, new Frame { StreamId = 1, End = new End() });

        var kinds = new List<FrameKind>();
        while (kinds.Count == 0 || kinds[^1] != FrameKind.End)
        {
            kinds.Add((await Eventually.CompletesAsync(stream.ReadAsync().AsTask())).Kind);
        }

        Assert.Equal([FrameKind.Begin, FrameKind.Challenge, FrameKind.End], kinds);
    }

    [Fact]
    public async Task Buffered_BeyondTheProcessCap_TheLargestStreamIsShedAndTheOthersLive()
    {
        var budget = new BufferBudget(200_000);
        Start(Idle, options: new() { Budget = budget });
        await SendAsync(new Frame { Hello = Greeting }, new Frame { StreamId = 1, Begin = new Begin() }, new Frame { StreamId = 3, Begin = new Begin() });
        var data = new Data { Payload = ByteString.CopyFrom(new byte[10_000]) };
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(new Frame { StreamId = 1, Data = data });
        }

        for (var i = 0; i < 20; i++)
        {
            await SendAsync(new Frame { StreamId = 3, Data = data });
        }

        var reset = await ReceiveAsync(f => f.KindCase == Frame.KindOneofCase.Reset);
        Assert.Equal((3UL, Cause.Overloaded), (reset.StreamId, reset.Reset.Cause));
        await Eventually.HoldsAsync(() => budget.Used < 100_000);
        await Eventually.HoldsAsync(() => _lane!.OpenStreams == 1);
        await SendAsync(new Frame { StreamId = 1, Abort = new Abort() }, new Frame { StreamId = 1, Reset = new Reset() });
        await Eventually.HoldsAsync(() => budget.Used == 0);
    }

    [Fact]
    public async Task Sent_AnswerThatIsThereAtOnce_IsOneBatch()
    {
        Start(new(async (stream, cancellation) =>
        {
            stream.Accept();
            await stream.WriteFlushAsync(ExtensionKind.None, default, cancellation);
            await stream.WriteDataAsync(new byte[10], DataFlags.Whole, cancellationToken: cancellation);
            stream.End();
        }));
        var hello = Greeting.Clone();
        hello.LaneCredit = 1 << 20;
        await SendAsync(new Frame { Hello = hello });
        await ReceiveAsync();

        // Many times: the sending loop sleeps, and whether it woke for each frame would be a race.
        for (var id = 1UL; id < 100; id += 2)
        {
            await SendAsync(new Frame { StreamId = id, Begin = new Begin() }, new Frame { StreamId = id, End = new End() });

            Assert.Equal((Frame.KindOneofCase.Begin, id), await ReceiveKindAsync());
            // The acceptor may be done before the END that came along has been looked at: then RESET follows.
            Assert.Equal([Frame.KindOneofCase.Flush, Frame.KindOneofCase.Data, Frame.KindOneofCase.End], _received.Where(f => f.StreamId == id && f.KindCase != Frame.KindOneofCase.Reset).Select(f => f.KindCase));
            _received.Clear();
        }

        await Eventually.HoldsAsync(() => _lane!.OpenStreams == 0);
    }

    [Fact]
    public async Task Sent_AnswerThatIsWaitedFor_GoesAsFarAsItIsThere()
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(new(async (stream, cancellation) =>
        {
            stream.Accept();
            await rest.Task;
            stream.End();
        }));
        await SendAsync(new Frame { Hello = Greeting });
        await ReceiveAsync();

        await SendAsync(new Frame { StreamId = 1, Begin = new Begin() }, new Frame { StreamId = 1, End = new End() });

        Assert.Equal((Frame.KindOneofCase.Begin, 1UL), await ReceiveKindAsync());
        rest.SetResult();
        Assert.Equal((Frame.KindOneofCase.End, 1UL), await ReceiveKindAsync());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _peer.Cut();
        if (_lane is not null)
        {
            await _lane.DisposeAsync();
        }
    }

    /// <summary>Keeps its streams open and reads nothing, until they are broken.</summary>
    private static readonly Acceptor Idle = new(async (_, cancellation) =>
    {
        var broken = new TaskCompletionSource();
        await using var registration = cancellation.Register(broken.SetResult);
        await broken.Task;
    });

    private void Start(Acceptor acceptor, bool isDialler = false, LaneOptions? options = null)
    {
        _lane = new Lane(_transport, options ?? new(), acceptor, isDialler, NullLogger.Instance, _time);
        _lane.Start();
    }

    private async Task SendAsync(params Frame[] frames) => await _peer.SendAsync(new Batch { Frames = { frames } }.ToByteArray(), false, default);

    private async Task<Frame> ReceiveAsync()
    {
        while (_received.Count == 0)
        {
            var batch = await Eventually.CompletesAsync(_peer.ReceiveAsync(default).AsTask());
            Assert.NotNull(batch);
            foreach (var frame in Batch.Parser.ParseFrom(batch.Value.Span).Frames)
            {
                _received.Enqueue(frame);
            }
        }

        return _received.Dequeue();
    }

    private async Task<Frame> ReceiveAsync(Func<Frame, bool> wanted)
    {
        while (true)
        {
            var frame = await ReceiveAsync();
            if (wanted(frame))
            {
                return frame;
            }
        }
    }

    private async Task<(Frame.KindOneofCase Kind, ulong Stream)> ReceiveKindAsync() => await ReceiveAsync() is var frame ? (frame.KindCase, frame.StreamId) : default;

    private async Task AssertLaneEndsAsync(Cause cause)
    {
        var abort = await ReceiveAsync(f => f.KindCase == Frame.KindOneofCase.Abort);
        Assert.Equal((0UL, cause), (abort.StreamId, abort.Abort.Cause));
        Assert.Equal(cause, (await Eventually.CompletesAsync(_lane!.Ended)).Cause);
    }
}
