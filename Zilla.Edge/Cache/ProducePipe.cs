using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>
/// Carries the records of all callers to one target, in the order of their calls: one stream after the other, each at a replica that can be reached.
/// Made by <see cref="ProducePipes"/> for the first record; when none has come for <see cref="CacheOptions.PipeIdle"/> it retires, and the next record has a new one made.
/// </summary>
internal sealed class ProducePipe
{
    private readonly CacheClient _client;
    private readonly PipeRecords _records;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PipeCompletion> _told = [];
    private readonly bool _resends;
    private PipeStream? _current;
    private long _lastUse;

    public ProducePipe(CacheClient client, PipeTarget target)
    {
        (_client, Target) = (client, target);
        _records = new(client.Options.PipeBytes);
        _resends = target.Retry == ProduceRetry.UntilAcknowledged && target.Acks != KafkaProduce.Types.Acks.None;
        _lastUse = client.Time.GetTimestamp();
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(RunAsync);
        }
    }

    public PipeTarget Target { get; }

    public PipeRecords.Adding TryAdd(in PipeRecord record, IProduceReceiver? receiver, ulong tag)
    {
        var now = _client.Time.GetTimestamp();
        var added = _records.TryAdd(record, receiver, tag, now);
        if (added == PipeRecords.Adding.Added)
        {
            Volatile.Write(ref _lastUse, now);
            Volatile.Read(ref _current)?.Wake();
        }

        return added;
    }

    public Task WaitForRoomAsync(long length, CancellationToken cancellationToken) => _records.WaitForRoomAsync(length, cancellationToken);

    /// <summary>Nothing is sent any more.</summary>
    public void Stop() => _stop.Cancel();

    private async Task RunAsync()
    {
        var delay = _client.NewRetryDelay();
        while (!_stop.IsCancellationRequested && !(IsIdle && _records.TryRetire()))
        {
            try
            {
                var (accepted, broken) = await StreamAsync();
                if (accepted)
                {
                    delay.Reset();
                }

                if (broken is not null)
                {
                    CacheLog.PipeLost(_client.Logger, Target.Topic, broken.Cause, broken.Message);
                    await delay.WaitAsync(_stop.Token);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
        }

        _client.Pipes.Forget(this);
        _records.Retire();
        Fail(new(Cause.ShuttingDown, "The gateway is shutting down."), static (_, _) => true);
    }

    private bool IsIdle => _client.Time.GetElapsedTime(Volatile.Read(ref _lastUse)) >= _client.Options.PipeIdle;

    /// <summary>One stream, until it ends. What it leaves has failed, or stays for the next.</summary>
    private async Task<(bool Accepted, StreamBrokenException? Broken)> StreamAsync()
    {
        EdgeTelemetry.Resent.Add(_records.BeginStream());
        var stream = new PipeStream(_records, _resends, _client.Time, _client.Logger);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await using var frames = _client.OpenPipe(Target);
            Volatile.Write(ref _current, stream);
            await using var watch = Watch(stream, ending);
            var stopped = await stream.RunAsync(frames, ending.Token);
            if (stopped is not null)
            {
                AfterRefusal(stopped);
            }

            return (stream.IsAccepted, stopped);
        }
        catch (StreamBrokenException refused) when (refused.IsRefusal)
        {
            AfterRefusal(refused);
            return (stream.IsAccepted, refused);
        }
        catch (StreamBrokenException broken)
        {
            AfterBreak(broken);
            return (stream.IsAccepted, broken);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            var silent = new StreamBrokenException(Cause.Timeout, "The cache does not answer.");
            AfterBreak(silent);
            return (stream.IsAccepted, silent);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            CacheLog.PipeFault(_client.Logger, fault, Target.Topic);
            var broken = new StreamBrokenException(Cause.Internal, "The gateway failed to send the record.");
            AfterBreak(broken);
            return (stream.IsAccepted, broken);
        }
        finally
        {
            Volatile.Write(ref _current, null);
        }
    }

    /// <summary>Finishes a stream that nobody needs, and gives up one that does not answer.</summary>
    private ITimer Watch(PipeStream stream, CancellationTokenSource ending)
    {
        var period = TimeSpan.FromTicks(Math.Max(1, Math.Min(_client.Options.PipeIdle.Ticks, _client.Options.PipeRetry.Ticks) / 4));
        return _client.Time.CreateTimer(_ => Look(stream, ending), null, period, period);
    }

    private void Look(PipeStream stream, CancellationTokenSource ending)
    {
        if (stream.Silence >= _client.Options.PipeRetry)
        {
            _ = ending.CancelAsync();
        }
        else if (IsIdle && _records.IsEmpty)
        {
            stream.Finish();
        }
    }

    /// <summary>Nothing of what was not answered is written: all of it may be sent again, while there is time and hope.</summary>
    private void AfterRefusal(StreamBrokenException why)
    {
        var allowed = why.Cause.IsFinal() || why.Cause == Cause.ProtocolError ? TimeSpan.Zero
            : _resends ? _client.Options.PipeRetry
            : why.Cause.IsOfReplica() ? _client.Options.Patience : TimeSpan.Zero;
        Fail(why, (since, _) => _client.Time.GetElapsedTime(since) >= allowed);
    }

    /// <summary>What was sent and not answered may be written.</summary>
    private void AfterBreak(StreamBrokenException why)
    {
        var allowed = _resends ? _client.Options.PipeRetry : _client.Options.Patience;
        Fail(why, (since, isSent) => (isSent && !_resends) || _client.Time.GetElapsedTime(since) >= allowed);
    }

    private void Fail(StreamBrokenException why, Func<long, bool, bool> fails)
    {
        if (_records.Fail(why, fails, _told) is > 0 and var failed)
        {
            EdgeTelemetry.NotProduced.Add(failed, new KeyValuePair<string, object?>("error.type", why.Cause.ToString()));
        }

        PipeCompletion.Tell(_told, _client.Logger);
    }
}
