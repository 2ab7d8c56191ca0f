using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using Zilla.Edge.Calls;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Tests.Fuzz;

namespace Zilla.EdgeGrpc.Tests.Messages;

/// <summary>What readers of messages take of the budget, and when they give it back.</summary>
public sealed class MessageBudgetTests
{
    private const int Step = MessageBudget.Step, Large = 10 * Step, Maximum = 1 << 20;

    /// <summary>Whoever reads has done so when a write returns.</summary>
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    [Fact]
    public async Task Message_CountsByWhatHasCome_UntilTheNextIsAskedFor()
    {
        var budget = new MessageBudget(1 << 30);
        using var frames = new FrameReader(_body.Reader, Encodings.Identity, 1 << 20, budget);
        await _body.Writer.WriteAsync(Prefix(Large));
        var reading = frames.MoveNextAsync(CancellationToken.None).AsTask();
        await _body.Writer.WriteAsync(new byte[1000]);
        Assert.Equal(0, budget.Taken);
        await _body.Writer.WriteAsync(new byte[Step]);
        Assert.Equal(2 * Step, budget.Taken);
        await _body.Writer.WriteAsync(new byte[Large - Step - 1000]);
        Assert.True(await reading);

        // In one piece besides the pieces that it came in.
        Assert.Equal(2 * Large, budget.Taken);
        await _body.Writer.WriteAsync(Prefix(3));
        await _body.Writer.WriteAsync(new byte[3]);
        Assert.True(await frames.MoveNextAsync(CancellationToken.None));
        Assert.Equal((3, 0), (frames.Current.Length, budget.Taken));
    }

    [Fact]
    public async Task Message_ThatDoesNotFit_IsRefused_AndGivesBackWhatItHad()
    {
        var budget = new MessageBudget(4 * Step);
        using (var frames = new FrameReader(_body.Reader, Encodings.Identity, 1 << 20, budget))
        {
            await _body.Writer.WriteAsync(Prefix(Large));
            var reading = frames.MoveNextAsync(CancellationToken.None).AsTask();
            await _body.Writer.WriteAsync(new byte[3 * Step]);
            Assert.Equal((false, 4 * Step), (reading.IsCompleted, budget.Taken));
            await _body.Writer.WriteAsync(new byte[Step]);
            var refused = await Assert.ThrowsAsync<CallException>(() => reading);
            Assert.Equal(StatusCode.ResourceExhausted, refused.Status.Code);
            Assert.Contains("MaxBegunBytes", refused.Status.Message, StringComparison.Ordinal);
            Assert.Equal(4 * Step, budget.Taken);
        }

        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public void Connection_HasItsShare_ASingleMessageMayTakeMore_AndRefusalsAreCounted()
    {
        var budget = new MessageBudget(100 * Step, share: 4 * Step);
        var (one, two, other, service) = (new MessageShare(budget, "a"), new MessageShare(budget, "a"), new MessageShare(budget, "b"), new MessageShare(budget, null));
        one.Hold(10 * Step);
        using (var refusals = new Refusals())
        {
            var refused = Assert.Throws<CallException>(() => two.Hold(2 * Step));
            Assert.Equal(StatusCode.ResourceExhausted, refused.Status.Code);
            Assert.Contains("MaxConnectionBegunBytes", refused.Status.Message, StringComparison.Ordinal);
            Assert.Equal(["connection-begun-bytes"], refusals.Limits);
        }

        one.Hold(11 * Step);
        other.Hold(3 * Step);
        service.Hold(80 * Step);
        using (var refusals = new Refusals())
        {
            Assert.Contains("MaxBegunBytes", Assert.Throws<CallException>(() => service.Hold(90 * Step)).Status.Message, StringComparison.Ordinal);
            Assert.Equal(["begun-bytes"], refusals.Limits);
        }

        one.Release();
        two.Hold(2 * Step);
        one.Hold(2 * Step);
        Assert.Throws<CallException>(() => one.Hold(3 * Step));
        two.Release();
        one.Hold(3 * Step);
        Array.ForEach([one, two, other, service], share => share.Release());
        Assert.Equal(0, budget.Taken);
    }

    /// <summary>A few hundred bytes that become a message of the largest size.</summary>
    [Fact]
    public async Task Compressed_CountsAsWhatItBecomes()
    {
        using var compressed = new MemoryStream();
        Encodings.Compress(new(new byte[Large]), compressed);
        byte[] body = [.. Prefix((int)compressed.Length, MessageFrame.Compressed), .. compressed.ToArray()];
        Assert.InRange(body.Length, 0, Step);
        Assert.Equal(("8", 0), await CallAsync(CallForm.Grpc, body, new(Large - 1)));
        var (status, taken) = await CallAsync(CallForm.Grpc, body, new(3 * Large));
        Assert.Equal("0", status);
        Assert.InRange(taken, Large, 3 * Large);
    }

    /// <summary>As text, and as the message that it becomes.</summary>
    [Fact]
    public async Task Json_CountsLikewise()
    {
        var line = System.Text.Encoding.ASCII.GetBytes($$"""{"aString":"{{new string('x', Large)}}"}""");
        Assert.Equal(("429", 0), await CallAsync(CallForm.Json, line, new(Large)));
        Assert.Equal(("429", 0), await CallAsync(CallForm.Json, line, new(2 * Large)));
        Assert.Equal(("200", 21 * Step), await CallAsync(CallForm.Json, line, new(3 * Large)));
    }

    /// <summary>Two characters for each number of eight bytes.</summary>
    [Fact]
    public async Task Json_ThatBecomesMoreThanAMessageMayBe_IsRefused()
    {
        static byte[] Numbers(int count) => System.Text.Encoding.ASCII.GetBytes($$"""{"doubles":[0{{string.Concat(Enumerable.Repeat(",0", count - 1))}}]}""");
        Assert.Equal("200", (await CallAsync(CallForm.Json, Numbers((Maximum / sizeof(double)) - 10), new(1 << 30))).Status);
        Assert.Equal("429", (await CallAsync(CallForm.Json, Numbers(Maximum / sizeof(double)), new(1 << 30))).Status);
    }

    /// <returns>The status, and what was taken while the method had the message.</returns>
    private static async Task<(string Status, long Taken)> CallAsync(CallForm form, byte[] body, MessageBudget budget)
    {
        var handler = new Watching(budget);
        var context = new FakeContext(form, "/zilla.tests.Things/Upload", PipeReader.Create(new ReadOnlySequence<byte>(body)));
        await CallFuzz.ServerOf(handler, Maximum, budget).HandleAsync(context.Exchange);
        Assert.Equal(0, budget.Taken);
        var status = form == CallForm.Json ? $"{context.StatusCode}" : context.Trailers["grpc-status"] is [{ } trailing] ? trailing : context.Headers["grpc-status"].ToString();
        return (status, handler.Taken);
    }

    private static byte[] Prefix(int length, byte flags = 0)
    {
        var prefix = new byte[MessageFrame.PrefixLength];
        prefix[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), length);
        return prefix;
    }

    /// <summary>Of the calling thread: the counter is everybody's.</summary>
    private sealed class Refusals : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Refusals()
        {
            var thread = Environment.CurrentManagedThreadId;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "zilla.edge.grpc.refused")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            {
                if (Environment.CurrentManagedThreadId == thread)
                {
                    Limits.AddRange(Enumerable.Repeat((string?)tags[0].Value, (int)count));
                }
            });
            _listener.Start();
        }

        public List<string?> Limits { get; } = [];

        public void Dispose() => _listener.Dispose();
    }

    private sealed class Watching(MessageBudget budget) : ICallHandler
    {
        public long Taken { get; private set; }

        public async Task<Status> HandleAsync(Call call)
        {
            while (await call.ReadAsync())
            {
                Taken = budget.Taken;
            }

            await call.WriteAsync(default);
            return Status.Ok;
        }
    }
}
