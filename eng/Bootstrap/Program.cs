using System.Runtime.InteropServices;
using Zilla.Bootstrap;

// Makes what the package index at hand does not have, once per user: `dotnet run --project eng/Bootstrap`. The build runs it by itself before the first restore.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var report = Report.Open(insideBuild: args.Contains("--build"), liveDisplay: args.Contains("--live"));
try
{
    var pins = Pins.OfThisBuild;
    var cache = CacheFolder.OfThisUser();
    using var turn = await cache.TakeTurnAsync(report, stop.Token);
    await new Preparation(pins, cache, report).RunAsync(stop.Token);
    return 0;
}
catch (RefusalException refusal)
{
    report.Refuse(refusal.Lines);
    return 1;
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
{
    report.Refuse([e.Message]);
    return 1;
}
catch (OperationCanceledException)
{
    report.Say("interrupted; the next build goes on from here");
    return 130;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
