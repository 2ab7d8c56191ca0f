using Google.Protobuf;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>
/// A group while it has clients: reads its topic from where the group is, as an edge reads it, and writes how far it has got at most once a second. A group that has
/// never been, or not for <see cref="SessionOptions.ShareRetention"/>, begins at the end of the topic.
/// </summary>
internal sealed class ShareRun(ShareName name, IEnumerable<KafkaFilter> filters, SessionContext context, string cluster, IStreamOpener topics)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(context.Partition.Lost);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KafkaFilter[] _filters = [.. filters];
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private Task? _stopped;
    private long _writtenAt;

    public ShareGroup Group { get; } = new();

    public void Start() => _running = RunAsync();

    /// <summary>Completes when it is durable from where on records are the group's: none of them is missed.</summary>
    /// <exception cref="StreamBrokenException">It cannot be read or written now.</exception>
    public Task BegunAsync(CancellationToken cancellationToken) => _begun.Task.WaitAsync(cancellationToken);

    /// <summary>Ends it; its progress is written.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            return _stopped ??= StopOnceAsync();
        }
    }

    private async Task StopOnceAsync()
    {
        await _stop.CancelAsync();
        await _running;
        if (_begun.Task.IsCompletedSuccessfully && !context.Partition.Lost.IsCancellationRequested)
        {
            await TryWriteAsync();
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            var start = await StoredAsync();
            await await Task.WhenAny(ReadAsync(start), WriteAsync());
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _begun.TrySetException(new StreamBrokenException(Cause.NotOwner, "The group is let go of"));
        }
        catch (Exception problem)
        {
            SessionLog.ShareInterrupted(context.Logger, name.ToString(), problem.Message);
            var broken = problem as StreamBrokenException ?? new StreamBrokenException(Cause.Internal, "The group met a fault");
            _begun.TrySetException(broken);
            Group.Break(broken);
            await _stop.CancelAsync();
        }

        // Nobody may be waiting for it.
        _ = _begun.Task.Exception;
    }

    /// <summary>Null: there is none that counts.</summary>
    private async Task<KafkaProgress?> StoredAsync() =>
        await context.Partition.GetAsync(name.Key, _stop.Token) is { } stored && stored.Timestamp > context.Now - context.Options.ShareRetention.TotalMilliseconds
            ? ShareProgress.From(stored.Value)
            : null;

    private async Task ReadAsync(KafkaProgress? start)
    {
        while (true)
        {
            try
            {
                await ReadOnceAsync(start);
            }
            catch (StreamBrokenException broken) when (_begun.Task.IsCompleted || broken.Cause is Cause.LaneLost)
            {
                SessionLog.ShareInterrupted(context.Logger, name.ToString(), broken.Message);
            }

            start = _begun.Task.IsCompleted ? Group.Read : start;
            await Task.Delay(Pause, context.Time, _stop.Token);
        }
    }

    private async Task ReadOnceAsync(KafkaProgress? start)
    {
        var fetch = new KafkaFetch { Bound = KafkaFetch.Types.Bound.Live, DefaultStart = start is null ? KafkaFetch.Types.Start.Live : KafkaFetch.Types.Start.Historical };
        fetch.From = start is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(start.Encode());
        fetch.Filters.Add(_filters);
        await using var stream = topics.Open(new() { Kafka = new() { Cluster = cluster, Topic = name.Topic, Fetch = fetch } });
        var reader = new KafkaReader(stream);
        while (true)
        {
            var item = await reader.ReadAsync(_stop.Token);
            if (item.Kind == FrameKind.Data)
            {
                await Group.AddAsync(item.Record, _stop.Token);
            }
            else if (item.Kind == FrameKind.Flush && item.Progress is { } progress)
            {
                Group.PassTo(progress);
                await BeginAsync(progress);
            }
            else if (item.Kind == FrameKind.End)
            {
                return;
            }
        }
    }

    private async Task BeginAsync(KafkaProgress progress)
    {
        if (!_begun.Task.IsCompleted)
        {
            await WriteOnceAsync();
            SessionLog.ShareBegins(context.Logger, name.ToString(), progress.ToBase64Url());
            _begun.TrySetResult();
        }
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            await Task.Delay(context.Options.ProgressDelay, context.Time, _stop.Token);
            if (_begun.Task.IsCompleted && (Group.IsChanged || context.Now - _writtenAt > context.Options.ShareRetention.TotalMilliseconds / 4))
            {
                await TryWriteAsync();
            }
        }
    }

    private async Task TryWriteAsync()
    {
        try
        {
            await WriteOnceAsync();
        }
        catch (StreamBrokenException problem)
        {
            Group.IsChanged = true;
            SessionLog.ShareUnwritten(context.Logger, name.ToString(), problem.Message);
        }
    }

    private Task WriteOnceAsync()
    {
        _writtenAt = context.Now;
        var record = TransactionRecord.In(context.Partition, name.Key, Group.Write(name.Topic)) with
        {
            Headers = [new(SessionKeys.TypeHeader, ByteString.CopyFromUtf8(SessionKeys.ShareProgress).ToByteArray())],
        };
        return context.Partition.CommitAsync([record], CancellationToken.None);
    }
}
