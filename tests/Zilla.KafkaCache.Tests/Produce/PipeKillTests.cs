using System.Buffers;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;
using EdgeOptions = Zilla.Edge.Cache.CacheOptions;

namespace Zilla.KafkaCache.Tests.Produce;

/// <summary>An edge's pipe of records that must not be lost, while the replicas that it leads to are killed.</summary>
public sealed class PipeKillTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>, IAsyncLifetime
{
    private const int Records = 30_000;
    private const int Kills = 4;

    /// <summary>How many are there to be sent until the next replica has been killed: some are left for after the last, however fast they are.</summary>
    private const int Round = Records / (Kills + 1);

    private readonly List<CacheProcess> _services = [];

    [Fact]
    public async Task Kill_EveryReplicaUnderLoad_AllThatIsAcknowledgedIsThere_AndFirstOccurrencesAreInOrder()
    {
        var topic = await kafka.Broker.CreateTopicAsync();
        _services.AddRange([CacheProcess.Start(kafka.BootstrapServers, [topic], "kafka-cache-0"), CacheProcess.Start(kafka.BootstrapServers, [topic], "kafka-cache-1")]);
        await using var first = new Replica(_services[0].Lanes);
        await using var second = new Replica(_services[1].Lanes);
        await Task.WhenAll(first.ReadyAsync(), second.ReadyAsync());
        using var client = new CacheClient(new([first, second]), Options.Create(new EdgeOptions { PipeBytes = 128 << 10 }), TimeProvider.System, Random.Shared, NullLogger<CacheClient>.Instance);
        var outcomes = new Outcomes();

        using var rounds = new SemaphoreSlim(1);
        var producing = Task.Run(() => ProduceAsync(client.Pipes, topic, outcomes, rounds));
        for (var kill = 0; kill < Kills; kill++)
        {
            await Eventually.HoldsAsync(() => outcomes.Told > (kill * Round) + (Round / 2));
            await _services[kill % 2].KillAsync();
            rounds.Release();
            await _services[kill % 2].RestartAsync();
        }

        await Eventually.CompletesAsync(producing, TimeSpan.FromSeconds(60));
        await Eventually.HoldsAsync(() => outcomes.Told == Records, TimeSpan.FromSeconds(60));
        Assert.Empty(outcomes.Failed);
        Assert.True(first.Opened + second.Opened >= 2, "the pipe went on at the other"); // how often depends on which of them it led to when each was killed
        await Task.WhenAll(first.ReadyAsync(), second.ReadyAsync(), _services[0].ReadyAsync());

        // What Kafka has, of which the replica's own copy may be behind.
        var read = await new FetchReader(first.Open(new Begin { Kafka = new() { Cluster = CacheReplica.ClusterName, Topic = topic, Fetch = new() { Current = true } } })).ToEndAsync();
        Assert.Equal(Enumerable.Range(0, Records), read.Values.Select(value => int.Parse(value, CultureInfo.InvariantCulture)).Distinct());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
    }

    private static async Task<bool> ProduceAsync(ProducePipes pipes, string topic, Outcomes outcomes, SemaphoreSlim rounds)
    {
        var target = new PipeTarget(new(CacheReplica.ClusterName, topic), KafkaProduce.Types.Acks.InSyncReplicas, ProduceRetry.UntilAcknowledged);
        var extension = ProduceWriter.Head("k").ToByteArray();
        for (var number = 0; number < Records; number++)
        {
            if (number % Round == 0)
            {
                await rounds.WaitAsync();
            }

            var record = new PipeRecord(extension, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($"{number}")));
            while (!pipes.TryProduce(target, record, outcomes, (ulong)number))
            {
                await pipes.WaitForRoomAsync(target, record, CancellationToken.None);
            }
        }

        return true;
    }

    private sealed class Outcomes : IProduceReceiver
    {
        private int _told;

        public int Told => Volatile.Read(ref _told);

        public List<(ulong Number, ProduceOutcome Outcome)> Failed { get; } = [];

        public void Produced(ulong tag, in ProduceOutcome outcome)
        {
            if (!outcome.IsWritten)
            {
                Failed.Add((tag, outcome));
            }

            Interlocked.Increment(ref _told);
        }
    }

    /// <summary>A replica as the edge reaches it.</summary>
    private sealed class Replica(Uri address) : ICacheReplica, IAsyncDisposable
    {
        private readonly ReplicaConnection _connection = new(new() { Address = address }, NullLoggerFactory.Instance);

        public string Name => address.Authority;

        public bool IsConnected => _connection.IsConnected;

        public Task ReadyAsync() => _connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));

        /// <summary>How often.</summary>
        public int Opened { get; private set; }

        public FrameStream Open(Begin begin)
        {
            Opened++;
            return _connection.Open(begin);
        }

        public ValueTask DisposeAsync() => _connection.DisposeAsync();
    }
}
