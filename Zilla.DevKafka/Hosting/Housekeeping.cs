using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;

namespace Zilla.DevKafka.Hosting;

/// <summary>The round that retention and compaction make through all logs, at an interval, one log after the other.</summary>
internal sealed class Housekeeping : IAsyncDisposable
{
    private readonly TopicStore _topics;
    private readonly GroupCoordinator _groups;
    private readonly TransactionCoordinator _transactions;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public Housekeeping(TopicStore topics, GroupCoordinator groups, TransactionCoordinator transactions, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        (_topics, _groups, _transactions, _logger) = (topics, groups, transactions, logger);
        _running = RunAsync(interval, time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync(TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (var log in _topics.All.SelectMany(t => t.Partitions).Append(_groups.Offsets.Log).Append(_transactions.Log))
                {
                    _stopping.Token.ThrowIfCancellationRequested();
                    Keep(log);
                }

                _groups.Sweep();
                _transactions.Sweep();
            }
        }
        catch (OperationCanceledException)
        {
            // The broker stops.
        }
    }

    private void Keep(PartitionLog log)
    {
        try
        {
            log.Housekeep();
        }
        catch (Exception e)
        {
            // One log's trouble (a full disk, a damaged file) is no reason to neglect the others; the next round tries again.
            _logger.HousekeepingFailed(log.Folder, e);
        }
    }
}
