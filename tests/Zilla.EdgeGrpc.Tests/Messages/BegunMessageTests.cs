using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Zilla.Edge.Calls;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Tests.Fuzz;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.Messages;

/// <summary>Messages that begin and do not go on.</summary>
public sealed class BegunMessageTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30), Second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();

    /// <summary>Whoever reads has done so when a write returns.</summary>
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    private MessageBudget Budget => field ??= new(1 << 30) { Pace = new(Pause, _time) };

    [Fact]
    public async Task Message_HasToGoOn_ByMoreThanAByteNowAndThen()
    {
        using var frames = Frames();
        var reading = frames.MoveNextAsync(CancellationToken.None).AsTask();
        await WriteAsync(100_000, 70_000);
        _time.Advance(Pause - Second);
        await _body.Writer.WriteAsync(new byte[MessagePace.Least]);
        _time.Advance(Pause - Second);
        Assert.False(reading.IsCompleted);
        await _body.Writer.WriteAsync(new byte[MessagePace.Least - 1]);
        Assert.Equal((false, 2 * MessageBudget.Step), (reading.IsCompleted, Budget.Taken));
        _time.Advance(Second);
        var late = await Assert.ThrowsAsync<CallException>(() => reading.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(StatusCode.DeadlineExceeded, late.Status.Code);
        Assert.Contains("00:00:30 (Zilla:Edge:Grpc:MaxBegunPause)", late.Status.Message, StringComparison.Ordinal);
        frames.Dispose();
        Assert.Equal(0, Budget.Taken);
    }

    [Fact]
    public async Task BetweenMessages_AStreamIsQuietForAsLongAsItLikes()
    {
        using var frames = Frames();
        for (var message = 0; message < 3; message++)
        {
            var reading = frames.MoveNextAsync(CancellationToken.None).AsTask();
            _time.Advance(TimeSpan.FromDays(1));
            await WriteAsync(10, 3);
            _time.Advance(Pause - Second);
            Assert.False(reading.IsCompleted);
            await _body.Writer.WriteAsync(new byte[7]);
            Assert.True(await reading);
            Assert.Equal(10, frames.Current.Length);

            // Nor does it matter how long somebody works on one.
            _time.Advance(TimeSpan.FromDays(1));
        }
    }

    [Fact]
    public async Task Cancelled_WhileItWaits_IsCancelled()
    {
        using var frames = Frames();
        using var cancelled = new CancellationTokenSource();
        var reading = frames.MoveNextAsync(cancelled.Token).AsTask();
        await WriteAsync(10, 3);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Theory]
    [InlineData(CallForm.Grpc)]
    [InlineData(CallForm.Web)]
    [InlineData(CallForm.WebText)]
    [InlineData(CallForm.Json)]
    public async Task Call_EndsWithTheReason(CallForm form)
    {
        var context = new FakeContext(form, "/zilla.tests.Things/Upload", _body.Reader);
        var calling = CallFuzz.ServerOf(new Reading(), 1 << 20, Budget).HandleAsync(context.Exchange);
        await _body.Writer.WriteAsync(Encoding.ASCII.GetBytes(form switch { CallForm.Json => "{", CallForm.WebText => "AAAA", _ => "\0\0\0" }));

        // The text of gRPC-Web goes through a pipe of its own.
        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(Pause);
            return calling.IsCompleted;
        });
        await calling;
        var output = Encoding.Latin1.GetString(await context.OutputAsync());
        var said = form switch
        {
            CallForm.Grpc => $"{context.Trailers["grpc-status"]}{context.Headers["grpc-status"]}",
            CallForm.Json => $"{context.StatusCode}",
            CallForm.WebText => Encoding.Latin1.GetString(Convert.FromBase64String(output)),
            _ => output,
        };
        Assert.Contains(form switch { CallForm.Grpc => "4", CallForm.Json => "504", _ => "grpc-status: 4\r\n" }, said, StringComparison.Ordinal);
    }

    private FrameReader Frames() => new(_body.Reader, Encodings.Identity, 1 << 20, Budget, "connection", Budget.Pace);

    /// <summary>A message of that length begins; so many bytes of it come.</summary>
    private async Task WriteAsync(int length, int come)
    {
        var begun = new byte[MessageFrame.PrefixLength + come];
        BinaryPrimitives.WriteInt32BigEndian(begun.AsSpan(1), length);
        await _body.Writer.WriteAsync(begun);
    }

    private sealed class Reading : ICallHandler
    {
        public async Task<Status> HandleAsync(Call call)
        {
            while (await call.ReadAsync())
            {
            }

            return Status.Ok;
        }
    }
}
