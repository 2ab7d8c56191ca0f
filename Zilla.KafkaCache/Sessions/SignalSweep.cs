using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams;

namespace Zilla.KafkaCache.Sessions;

/// <summary>
/// Looks through the signals of a partition: at first for all that say that a client is connected, whose owner must have died, and for what is due soon; then, every
/// <see cref="SessionOptions.SweepInterval"/>, for what is due soon. So nothing is kept in mind of sessions that wait for days.
/// </summary>
/// <param name="context">The partition.</param>
/// <param name="due">What is found.</param>
/// <param name="isActive">Sessions in memory see to themselves.</param>
/// <param name="also">What else there is to look through.</param>
internal sealed class SignalSweep(SessionContext context, DueQueue due, Func<string, bool> isActive, Func<Task> also)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How far ahead is kept in mind.</summary>
    public static long HorizonMs(SessionContext context) => 2 * (long)context.Options.SweepInterval.TotalMilliseconds;

    /// <summary>Completes when all have been looked through once; goes on until the partition is lost.</summary>
    public async Task RunAsync()
    {
        if (await TrySweepAsync(connected: true))
        {
            _ = GoOnAsync();
        }
    }

    private async Task GoOnAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(context.Options.SweepInterval, context.Time, context.Partition.Lost);
                await TrySweepAsync(connected: false);
            }
        }
        catch (OperationCanceledException)
        {
            // Another's now.
        }
    }

    /// <summary>Tries until it has gone through; false: the partition was lost.</summary>
    private async Task<bool> TrySweepAsync(bool connected)
    {
        while (!context.Partition.Lost.IsCancellationRequested)
        {
            try
            {
                var found = await SweepAsync(connected);
                if (connected)
                {
                    SessionLog.Owned(context.Logger, context.Partition.Topic, context.Partition.Partition, context.Partition.Epoch, found);
                }

                return true;
            }
            catch (StreamBrokenException problem)
            {
                SessionLog.SweepFailed(context.Logger, context.Partition.Topic, context.Partition.Partition, problem.Message);
                await Task.Delay(Pause, context.Time, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return false;
    }

    private async Task<int> SweepAsync(bool connected)
    {
        var found = 0;
        await foreach (var record in context.Partition.ScanAsync(SessionKeys.WillSignal, context.Partition.Lost))
        {
            if (WillSignalRecord.Read(record.Value) is { } will)
            {
                found += Take(will.ClientId, will.DeliverAt, connected);
            }
        }

        await foreach (var record in context.Partition.ScanAsync(SessionKeys.ExpirySignal, context.Partition.Lost))
        {
            if (ExpirySignalRecord.Read(record.Value) is { } expiry && (expiry.ExpireAt >= 0 || expiry.Expiry != uint.MaxValue))
            {
                found += Take(expiry.ClientId, expiry.ExpireAt, connected);
            }
        }

        await also();
        return found;
    }

    /// <param name="clientId">Whose signal.</param>
    /// <param name="at">-1: the client is connected.</param>
    /// <param name="connected">Those as well: they have the grace from now on.</param>
    private int Take(string clientId, long at, bool connected)
    {
        var when = at >= 0 ? at : connected ? context.OwnedSince + context.GraceMs : long.MaxValue;
        if (when > context.Now + HorizonMs(context) || isActive(clientId))
        {
            return 0;
        }

        due.SetEarlier(clientId, when);
        return 1;
    }
}
