using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeMqtt.Sessions;
using Zilla.KafkaCache.Sessions;
using Zilla.KafkaCache.Telemetry;
using Zilla.KafkaCache.Tests.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;
using SessionOwner = Zilla.EdgeMqtt.Sessions.Owners.SessionOwner;

namespace Zilla.EdgeMqtt.Tests.Sessions;

/// <summary>The owner of all sessions, in memory, with edges before it: streams and sessions as they are, Kafka left out. Its clock moves when told, the edges' by itself.</summary>
internal sealed class SessionCluster : ISessionOwners, IAsyncDisposable
{
    public static readonly SessionSpace Space = new("south", "mqtt-sessions");

    private readonly Lock _gate = new();
    private readonly TestMeters _meters = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InProcessLanes? _lanes;
    private bool _isDown;

    public SessionCluster(SessionOptions? options = null)
    {
        Options = options ?? new();
        Own(new(time: Time));
    }

    public ManualTime Time { get; } = new();

    public CapturedLog Log { get; } = new();

    public MemoryPartition Partition { get; private set; } = null!;

    public SessionHost Host { get; private set; } = null!;

    public SessionOptions Options { get; }

    /// <summary>What shared subscriptions read.</summary>
    public FakeCache Topics { get; } = new();

    public SessionsOptions EdgeOptions { get; } = new()
    {
        RetryDelay = TimeSpan.FromMilliseconds(5),
        MaxRetryDelay = TimeSpan.FromMilliseconds(20),
        ReportInterval = TimeSpan.FromMilliseconds(20),
    };

    public RemoteSessions Edge() => new(this, EdgeOptions, TimeProvider.System, NullLogger<RemoteSessions>.Instance);

    public Task<ISession> ConnectAsync(string clientId, uint expiry = 0, bool clean = false, MqttWill? will = null) => Eventually.CompletesAsync(
        Edge().ConnectAsync(new(Space, clientId) { CleanStart = clean, Expiry = expiry, Will = will }, CancellationToken.None));

    /// <summary>All connections between edges and the owner are lost.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            var lanes = _lanes!;
            _lanes = Connect();
            lanes.Cut();
        }
    }

    /// <summary>The owner is gone, without a word.</summary>
    public void Die()
    {
        lock (_gate)
        {
            _isDown = true;
            _lanes!.Cut();
        }
    }

    /// <summary>Somebody else owns the sessions from now on.</summary>
    public void FailOver()
    {
        Die();
        Own(Partition.Next());
    }

    public async Task<SessionOwner> WaitAsync(SessionSpace space, string key, long newerThan, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (!_isDown && Partition.Epoch > newerThan)
                {
                    return new(0, "here", Partition.Epoch);
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public FrameStream Open(SessionOwner owner, Begin begin)
    {
        lock (_gate)
        {
            return _lanes!.Open(begin);
        }
    }

    /// <summary>Messages that were published, "topic: key=value", in the order of their transactions.</summary>
    public List<string> Published() => [.. Partition.Commits.SelectMany(records => records).Where(record => record.Topic != Partition.Topic)
        .Select(record => $"{record.Topic}: {Encoding.UTF8.GetString(record.Key!)}={(record.Value is null ? "-" : Encoding.UTF8.GetString(record.Value))}")];

    public static MqttRecord Message(string key, string value = "", string retained = "") => new()
    {
        Topic = "messages",
        RetainedTopic = retained,
        Record = new() { Partition = -1, Offset = -1, Key = ByteString.CopyFromUtf8(key) },
        Value = ByteString.CopyFromUtf8(value),
    };

    public static MqttWill Will(string topic, string payload, uint delay = 0) => new() { Topic = topic, Delay = delay, Qos = 1, Record = Message(topic, payload) };

    public async ValueTask DisposeAsync()
    {
        Partition.Lose();
        await Topics.DisposeAsync();
        await _lanes!.DisposeAsync();
        _meters.Dispose();
    }

    private void Own(MemoryPartition partition)
    {
        lock (_gate)
        {
            Partition = partition;
            Host = new(
                partition,
                new() { Namespace = "test", Binding = "mqtt", SessionsTopic = partition.Topic, MessagesTopic = "messages", RetainedTopic = "retained" },
                topic => topic is "messages" or "retained",
                Space.Cluster,
                Topics,
                Options,
                new SessionTelemetry(_meters),
                Time,
                Log);
            _lanes = Connect();
            _isDown = false;
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private InProcessLanes Connect()
    {
        var directory = new MemoryDirectory(Partition.Topic);
        directory.Own(Partition, Host);
        return InProcessLanes.Connect(directory);
    }
}
