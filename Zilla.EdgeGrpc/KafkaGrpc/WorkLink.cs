using System.Threading.Channels;
using Google.Protobuf;
using Zilla.Edge.Cache;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>Makes the calls that one replica of the cache gives for a binding, over one work stream at a time (work.proto).</summary>
internal sealed class WorkLink(ICacheReplica replica, KafkaGrpcModel model, CacheClient cache, KafkaGrpcOptions options, TimeProvider time, ILogger logger)
{
    private const int MaxRecord = 64 << 20;
    private const int MostCalls = 1024;
    private const int MostReason = 500;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var delay = cache.NewRetryDelay();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(delay, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StreamBrokenException broken)
            {
                KafkaGrpcLog.Left(logger, model.Binding, replica.Name, broken.Message);
            }
            catch (Exception fault)
            {
                KafkaGrpcLog.Fault(logger, fault, model.Binding);
            }

            await delay.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(RetryDelay delay, CancellationToken cancellationToken)
    {
        await using var stream = replica.Open(new() { Work = new() { Cluster = model.Cluster, Group = model.Group, Calls = (uint)Math.Clamp(options.Calls, 1, MostCalls) } });
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stream.Broken);
        var calls = new UnderWay(part => new(part.Topic, model, cache, options, time, logger), model.Binding, logger, lost.Token);
        var reading = ReadAsync(stream, calls, delay, lost.Token);
        var writing = WriteAsync(stream, calls, lost.Token);
        try
        {
            await await Task.WhenAny(reading, writing);
        }
        finally
        {
            // Before they are begun anew, here or elsewhere, they are let go of.
            await lost.CancelAsync();
            await Task.WhenAll(reading, writing, calls.StopAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(FrameStream stream, UnderWay calls, RetryDelay delay, CancellationToken cancellationToken)
    {
        var assembler = new RecordAssembler(MaxRecord);
        var current = new WorkDataEx();
        while (await stream.ReadAsync(cancellationToken) is var frame && frame.Kind != FrameKind.End)
        {
            if (frame.Kind == FrameKind.Begin)
            {
                delay.Reset();
                KafkaGrpcLog.Joined(logger, model.Binding, replica.Name);
            }
            else if (frame.Kind == FrameKind.Data)
            {
                current = frame.ExtensionKind == ExtensionKind.None ? current : frame.Parse(ExtensionKind.Work, WorkDataEx.Parser);
                if (current.GivenUp is { } answer)
                {
                    calls.GiveUp(current.Call, answer);
                }
                else if (current.Record is { } part && assembler.TryAdd(frame with { ExtensionKind = ExtensionKind.Kafka, Extension = part.Record.Memory }, out var record))
                {
                    calls.Add(current.Call, part, record);
                }
            }
        }
    }

    private static async Task WriteAsync(FrameStream stream, UnderWay calls, CancellationToken cancellationToken)
    {
        await foreach (var done in calls.Done.ReadAllAsync(cancellationToken))
        {
            await stream.WriteDataAsync(default, DataFlags.Whole, ExtensionKind.Work, done.ToByteArray(), cancellationToken);
        }
    }

    private static string Cut(string reason) => reason.Length > MostReason ? reason[..MostReason] : reason;

    /// <summary>The calls of one stream.</summary>
    private sealed class UnderWay(Func<WorkRecord, RemoteCall> begin, string binding, ILogger logger, CancellationToken lost)
    {
        private readonly Dictionary<ulong, RemoteCall> _calls = [];
        private readonly Channel<WorkDataEx> _done = Channel.CreateUnbounded<WorkDataEx>(new() { SingleReader = true });
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _running = 1;

        /// <summary>What the replica is to be told; fails when the stream is of no use any more.</summary>
        public ChannelReader<WorkDataEx> Done => _done.Reader;

        public void Add(ulong number, WorkRecord part, KafkaRecord record)
        {
            lock (_calls)
            {
                if (_calls.TryGetValue(number, out var call))
                {
                    call.Add(record);
                }
                else if (part.Begins)
                {
                    _calls.Add(number, call = begin(part));
                    call.Add(record);
                    if (part.GivenUp is { Status: > 0 } answer)
                    {
                        call.GiveUp(answer);
                    }

                    Interlocked.Increment(ref _running);
                    _ = Task.Run(() => RunAsync(number, call));
                }
            }
        }

        public void GiveUp(ulong number, WorkGivenUp answer)
        {
            lock (_calls)
            {
                _calls.GetValueOrDefault(number)?.GiveUp(answer);
                if (answer.Status == 0)
                {
                    _calls.Remove(number);
                }
            }
        }

        /// <summary>Nothing is added any more. Completes when every call has been let go of, which they are told otherwise.</summary>
        public Task StopAsync()
        {
            Leave();
            return _stopped.Task;
        }

        private void Leave()
        {
            if (Interlocked.Decrement(ref _running) == 0)
            {
                _stopped.TrySetResult();
            }
        }

        private async Task RunAsync(ulong number, RemoteCall call)
        {
            try
            {
                Say(new() { Call = number, Done = new() { Poison = Cut(await call.RunAsync(lost)) } });
            }
            catch (NoRouteException refused)
            {
                Say(new() { Call = number, Refused = new() { Reason = Cut(refused.Message) } });
            }
            catch (OperationCanceledException)
            {
                // It is another's.
            }
            catch (StreamBrokenException broken)
            {
                _done.Writer.TryComplete(broken);
            }
            catch (Exception fault)
            {
                KafkaGrpcLog.Fault(logger, fault, binding);
                _done.Writer.TryComplete(new StreamBrokenException(Cause.Internal, "A call met a fault"));
            }
            finally
            {
                Leave();
            }
        }

        private void Say(WorkDataEx word)
        {
            lock (_calls)
            {
                _calls.Remove(word.Call);
            }

            _done.Writer.TryWrite(word);
        }
    }
}
