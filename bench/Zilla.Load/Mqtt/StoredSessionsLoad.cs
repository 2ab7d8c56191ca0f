using Zilla.Load.Mqtt.Wire;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Mqtt;

/// <summary>What sessions cost in memory whose clients are away: resident bytes of the watched processes with many of them, less those with one. Then some clients come back.</summary>
internal static class StoredSessionsLoad
{
    private const int BufferSize = 1024;
    private const uint Expiry = 24 * 3600;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(Arguments arguments)
    {
        var (target, groups, settle) = (new MqttTarget(arguments), new ProcessGroups(arguments), arguments.Seconds("settle", 20));
        var (count, clients) = (arguments.Number("sessions", 1_000_000), arguments.Number("clients", 100));
        using (var first = await OpenAsync(target, Id(0)))
        {
            await first.SubscribeAsync("news/#", 1, CancellationToken.None);
            await first.CloseAsync(CancellationToken.None);
        }

        var topic = new SessionRecords(arguments.Text("kafka"));
        var records = topic.Read(Id(0));
        if (records.Count == 0)
        {
            throw new InvalidDataException($"Nothing is in {SessionRecords.Topic} for the session.");
        }

        var before = groups.Resident();
        topic.Copy(records, Id(0), Enumerable.Range(1, count - 1).Select(Id));
        await Task.Delay(settle);
        var (connections, failed) = (new List<MqttConnection>(), 0);
        for (var i = 0; i < clients; i++)
        {
            connections.Add(await OpenAsync(target, Id((int)((long)i * count / clients))));
            failed += connections[^1].IsSessionPresent ? 0 : 1;
        }

        Measurement.Of(arguments, (Measurement.RecordBytes, records.Sum(SessionRecords.Size)), (Measurement.Failed, failed)).With(before, groups.Resident(), count).Print();
        connections.ForEach(c => c.Dispose());
    }

    // All as long as each other.
    private static string Id(int number) => $"stored-{number:d9}";

    private static async Task<MqttConnection> OpenAsync(MqttTarget target, string id)
    {
        using var limit = new CancellationTokenSource(Limit);
        return await MqttConnection.OpenAsync(target.Server, MqttPackets.Connect(id, 0, Expiry), BufferSize, limit.Token);
    }
}
