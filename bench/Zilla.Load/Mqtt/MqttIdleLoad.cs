using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Mqtt;

/// <summary>What connections cost in memory that get nothing, each with a subscription of its own, of <c>--qos</c>, in a session that outlives it if <c>--session-expiry</c> says so: resident bytes of the watched processes after, less before.</summary>
internal static class MqttIdleLoad
{
    private const int BufferSize = 256;

    public static async Task RunAsync(Arguments arguments)
    {
        var (groups, count) = (new ProcessGroups(arguments), arguments.Number("connections", 10_000));
        var before = groups.Resident();
        var connections = await new MqttTarget(arguments).OpenAsync(
            "idle", count, BufferSize, i => $"idle/{i}", arguments.Number("qos", 0), arguments.Number("session-expiry", 0) is > 0 and var expiry ? (uint)expiry : null);
        await Task.Delay(arguments.Seconds("settle", 5));
        Measurement.Of(arguments).With(before, groups.Resident(), count).Print();
        Array.ForEach(connections, c => c.Dispose());
    }
}
