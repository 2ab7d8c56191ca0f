using Zilla.Load.Http;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Sse;

/// <summary>What subscribers cost in memory that get nothing: resident bytes of the watched processes after, less before.</summary>
internal static class IdleLoad
{
    private const int BufferSize = 1024;

    public static async Task RunAsync(Arguments arguments)
    {
        var (groups, count, settle) = (new ProcessGroups(arguments), arguments.Number("others", 5000), arguments.Seconds("settle", 5));
        var before = groups.Resident();
        var subscribers = await Subscribers.OpenAsync(new Target(arguments.Text("others-url")), i => $"{i}", count, new FanOut(0, 0), BufferSize);
        await Task.Delay(settle);
        var after = groups.Resident();
        Measurement.Of(arguments).With(before, after, count).Print();
        foreach (var subscriber in subscribers)
        {
            subscriber.Dispose();
        }
    }
}
