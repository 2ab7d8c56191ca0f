namespace Zilla.KafkaCache.Work;

/// <summary>
/// Counts how long calls wait for their next record: only while that could come. Kafka is asked from time to time where the partitions end in which calls wait. What passes between two answers counts if
/// by the second all has been read that was there at the first; so it does not while Kafka is away, nor while what gathered meanwhile, or lies behind what there is room for, is still to be read.
/// </summary>
/// <remarks><code>
/// asked       0 s   5 s   10 s   ─ ─ ─   400 s   405 s   410 s
/// end         9     9     none           700     720     720
/// read to     9     9     9              9       400     720     counted: 0 to 5 s, 405 to 410 s
/// </code></remarks>
/// <param name="group">The calls.</param>
/// <param name="time">The clock.</param>
/// <param name="endOf">Where a partition ends in Kafka; null: it does not say.</param>
/// <param name="isNothingBetween">Whether nothing that is to be read lies between two offsets of a partition.</param>
internal sealed class WaitingWatch(WorkGroup group, TimeProvider time, Func<int, Task<long?>> endOf, Func<int, long, long, CancellationToken, Task<bool>> isNothingBetween)
{
    private readonly Dictionary<PartitionCalls, Answer> _answers = [];

    /// <param name="partitions">Those that are this replica's.</param>
    /// <param name="interval">From one look to the next.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Func<IReadOnlyCollection<PartitionCalls>> partitions, TimeSpan interval, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(interval, time, cancellationToken);
            await LookAsync(partitions(), cancellationToken);
        }
    }

    /// <summary>One after the other: while Kafka is away each takes as long as one may wait for it, and others have something to ask too.</summary>
    public async Task LookAsync(IReadOnlyCollection<PartitionCalls> partitions, CancellationToken cancellationToken)
    {
        foreach (var gone in _answers.Keys.Except(partitions).ToList())
        {
            _answers.Remove(gone);
        }

        foreach (var calls in partitions)
        {
            await LookAsync(calls, cancellationToken);
        }
    }

    private async Task LookAsync(PartitionCalls calls, CancellationToken cancellationToken)
    {
        var isKnown = _answers.Remove(calls, out var last);
        if (group.Awaited(calls) is not { } next)
        {
            return;
        }

        var isRead = isKnown && (next >= last.End || await isNothingBetween(calls.Partition, next, last.End, cancellationToken));
        var now = time.GetTimestamp();
        if (await endOf(calls.Partition) is { } end)
        {
            _answers[calls] = new(now, end);
            if (isRead)
            {
                group.CountWaiting(calls, last.At, now);
            }
        }
    }

    private readonly record struct Answer(long At, long End);
}
