using System.Diagnostics;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Mqtt;

/// <summary>
/// Minutes of everything at once, at a pace that leaves the machine time: idle connections, subscribers of what is published with QoS 1, clients that come and
/// go. What is looked at is what the watched processes hold, eight times, each after their garbage was collected: what a collector has not got round to is no growth.
/// </summary>
internal static class SoakLoad
{
    private const int BufferSize = 4 * 1024, Window = 16, BodyLength = 64;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private const int Looks = 8;

    // A runtime gives memory back some seconds after it has collected.
    private static readonly TimeSpan GivenBackWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Arguments arguments)
    {
        var (target, groups, allowance) = (new MqttTarget(arguments), new ProcessGroups(arguments), new Allowance());
        var idle = await target.OpenAsync("idle", arguments.Number("connections", 1000), 256, i => $"idle/{i}");
        var listening = await target.OpenAsync("subscriber", arguments.Number("subscribers", 10), BufferSize, _ => "soak/#");
        var fanOut = new FanOut(0, long.MaxValue) { Start = 0 };
        Array.ForEach(listening, c => _ = new MqttSubscriber(c, fanOut).RunAsync());
        var publishers = await target.OpenAsync("publisher", arguments.Number("clients", 16), BufferSize);
        var clients = publishers.Select((c, i) => new PublishingClient(c, allowance, $"soak/{i}", 1, Window, BodyLength)).ToArray();
        using var stopping = new CancellationTokenSource();
        var running = clients.Select(c => Task.Run(() => c.RunAsync(stopping.Token))).ToArray();

        var seconds = arguments.Seconds("seconds", 600);
        var watching = WatchAsync(groups, seconds);
        var failed = await PaceAsync(arguments, seconds, target, allowance, running);
        var (held, highest) = await watching;
        await stopping.CancelAsync();
        allowance.Raise(allowance.Sent);
        await Task.WhenAll(running);
        // What is acknowledged may still be on its way to its subscribers.
        for (var i = 0; i < 50 && fanOut.Deliveries < allowance.Sent * listening.Length; i++)
        {
            await Task.Delay(Tick);
        }

        Measurement.Of(
            arguments, [.. held.Metrics(), (Measurement.HighestBytes, highest), (Measurement.Done, allowance.Sent),
            (Measurement.Failed, failed + clients.Sum(c => c.Refused) + (allowance.Sent * listening.Length) - fanOut.Deliveries)]).Print();
        foreach (var connection in idle.Concat(listening).Concat(publishers))
        {
            connection.Dispose();
        }
    }

    private static async Task<long> PaceAsync(Arguments arguments, TimeSpan seconds, MqttTarget target, Allowance allowance, Task[] running)
    {
        var (rate, failed, start) = (arguments.Number("rate", 1000), 0L, Stopwatch.GetTimestamp());
        using var timer = new PeriodicTimer(Tick);
        for (var i = 0; Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < seconds && await timer.WaitForNextTickAsync(); i++)
        {
            allowance.Raise((long)(elapsed.TotalSeconds * rate));
            failed += await ConnectLoad.OnceAsync(target, target.Connect($"passer-by-{i}")) is null ? 1 : 0;
            if (Array.Find(running, t => t.IsCompleted) is { } ended)
            {
                await ended;
            }
        }

        return failed;
    }

    /// <summary>At equal distances what is held, and the most that was resident at any time, in bytes.</summary>
    private static async Task<(MemoryTrends Held, double Highest)> WatchAsync(ProcessGroups groups, TimeSpan seconds)
    {
        var (held, highest, start) = (new MemoryTrends(), 0.0, Stopwatch.GetTimestamp());
        using var timer = new PeriodicTimer(BetweenSamples);
        while (held.Count < Looks)
        {
            var look = seconds * (held.Count + 1) / Looks;
            while (Stopwatch.GetElapsedTime(start) < look - GivenBackWithin && await timer.WaitForNextTickAsync())
            {
                highest = Math.Max(highest, groups.ResidentBytes());
            }

            await groups.CollectAsync();
            await Task.Delay(GivenBackWithin);
            held.Add(groups.Resident());
        }

        return (held, highest);
    }
}
