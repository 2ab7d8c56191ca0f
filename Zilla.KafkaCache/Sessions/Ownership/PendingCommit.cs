using Zilla.Streams;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>Records that are written together or not at all, and who waits for them.</summary>
internal sealed class PendingCommit(IReadOnlyList<TransactionRecord> records)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>With the partition of each, once it has been chosen.</summary>
    public TransactionRecord[] Records { get; } = [.. records];

    /// <summary>Where each record lies, once it is committed.</summary>
    public long[] Offsets { get; } = new long[records.Count];

    /// <summary>In bytes, about.</summary>
    public long Size { get; } = records.Sum(record => (long)record.Size);

    /// <summary>Why Kafka does not take one of the records, as of the last attempt; null: it does, as far as is known.</summary>
    public StreamBrokenException? Refusal { get; set; }

    /// <summary>Completes when its transaction is committed; fails with <see cref="StreamBrokenException"/>.</summary>
    public Task Done => _done.Task;

    public void Complete() => _done.TrySetResult();

    public void Fail(StreamBrokenException why)
    {
        _done.TrySetException(why);
        _ = _done.Task.Exception; // observed even if nobody waits any more
    }
}
