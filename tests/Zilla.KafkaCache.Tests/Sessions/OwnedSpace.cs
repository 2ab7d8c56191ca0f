using System.Text;
using Google.Protobuf;
using Zilla.KafkaCache.Sessions;
using Zilla.KafkaCache.Telemetry;
using Zilla.KafkaCache.Tests.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>The sessions of one partition at their owner, who can be replaced; a clock that moves when told.</summary>
internal sealed class OwnedSpace : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly SessionOptions _options = new();
    private int _connections;

    public OwnedSpace()
    {
        Partition = new(time: Time);
        Host = Own();
    }

    public ManualTime Time { get; } = new();
    public CapturedLog Log { get; } = new();
    public MemoryPartition Partition { get; private set; }
    public SessionHost Host { get; private set; }

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Values of what this owner has published.</summary>
    public List<string> Published => [.. Partition.Commits.SelectMany(c => c).Where(r => r.Topic == "messages").Select(r => Encoding.UTF8.GetString(r.Value!))];

    /// <summary>What is in the sessions topic.</summary>
    public IReadOnlyList<string> Keys => Partition.Keys;

    public async Task<SessionConnection> ConnectAsync(
        string clientId, uint expiry = 0, bool clean = false, MqttWill? will = null, string? connection = null, bool again = false)
    {
        var client = Attach(clientId, connection, expiry, clean, will, again);
        await client.AttachedAsync();
        return client;
    }

    public SessionConnection Attach(string clientId, string? connection = null, uint expiry = 0, bool clean = false, MqttWill? will = null, bool again = false)
    {
        var client = new SessionConnection(connection ?? $"connection-{++_connections}");
        client.Session = Host.Attach(client, new()
        {
            ClientId = clientId,
            Connection = client.Connection,
            Again = again,
            CleanStart = clean,
            Expiry = expiry,
            Will = will,
        });
        return client;
    }

    /// <summary>The owner dies; another has the partition.</summary>
    public void FailOver()
    {
        Partition = Partition.Next();
        Host = Own();
    }

    /// <summary>Seconds go by, and what fell due is done.</summary>
    public async Task AdvanceAsync(double seconds)
    {
        await Host.Started;
        Time.Advance(TimeSpan.FromSeconds(seconds));
        await Eventually.HoldsAsync(() => Host.IsQuiet && Time.NextDue <= Time.GetUtcNow() + _options.SweepInterval); // the signals have been looked through
    }

    public Task IsEmptyAsync(string clientId) => Eventually.HoldsAsync(() => !Keys.Any(key => key == clientId || key.StartsWith($"{clientId}#", StringComparison.Ordinal)));

    public static MqttWill Will(string payload, uint delay = 0) => new()
    {
        Topic = "will",
        Delay = delay,
        Qos = 1,
        Record = new() { Topic = "messages", Record = new() { Partition = -1, Offset = -1, Key = ByteString.CopyFromUtf8("will") }, Value = ByteString.CopyFromUtf8(payload) },
    };

    public void Dispose()
    {
        Partition.Lose();
        _meters.Dispose();
    }

    private SessionHost Own() => new(
        Partition,
        new() { Namespace = "test", Binding = "mqtt", SessionsTopic = Partition.Topic, MessagesTopic = "messages", RetainedTopic = "retained" },
        topic => topic is "messages" or "retained",
        "south",
        new NoTopics(),
        _options,
        new SessionTelemetry(_meters),
        Time,
        Log);

    private sealed class NoTopics : IStreamOpener
    {
        public FrameStream Open(Begin begin) => throw new StreamBrokenException(Cause.UnknownTopic, "There are no topics here");
    }
}
