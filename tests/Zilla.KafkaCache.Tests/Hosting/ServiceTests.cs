using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;
using Bound = Zilla.Streams.V1.KafkaFetch.Types.Bound;

namespace Zilla.KafkaCache.Tests.Hosting;

/// <summary>The service as a process of its own, with a plan kept from before and no Control.</summary>
public sealed class ServiceTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>, IAsyncLifetime
{
    private CacheProcess? _service;

    [Fact]
    public async Task Service_WithAPlan_ServesStreamsAndStopsInGoodOrderOnSigterm()
    {
        var topic = await kafka.Broker.CreateTopicAsync();
        _service = CacheProcess.Start(kafka.BootstrapServers, [topic]);
        using var http = new HttpClient { BaseAddress = _service.Http };
        await _service.ReadyAsync();
        Assert.Contains($"\"kafka:{CacheReplica.ClusterName}\":{{\"status\":\"Healthy\"", await http.GetStringAsync("/readyz"), StringComparison.Ordinal);
        await using var connection = new ReplicaConnection(new() { Address = _service.Lanes }, NullLoggerFactory.Instance);
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("kafka-cache-0", connection.Instance);

        var written = await new ProduceWriter(Open(connection, begin => (begin.Topic, begin.Produce) = (topic, new()))).SendAsync("a", "1", ("h", "x"));
        var reader = new FetchReader(Open(connection, begin => (begin.Topic, begin.Fetch) = (topic, new() { Bound = Bound.Live })));
        await reader.UntilAsync(r => r.Records.Count == 1);
        Assert.Equal((1, "0/0:a=1"), (written[0], reader.Records[0]));

        Assert.Single(Directory.EnumerateFiles(Path.Combine(_service.State, "spill")));

        _service.Process.Signal(15);
        Assert.Equal(Cause.ShuttingDown, (await reader.BrokenAsync()).Cause);
        Assert.Equal(0, await _service.Process.WaitForExitAsync(TimeSpan.FromSeconds(25)));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_service.State, "spill")));
        Assert.DoesNotContain("%", _service.Process.Output, StringComparison.Ordinal); // librdkafka's own stderr format
    }

    /// <summary>What is several times as large as the budget is held and read, and the process, with code, queues and garbage, grows by less than that.</summary>
    [Fact]
    public async Task Service_SeveralTimesItsBudgetInSeveralTopics_TheProcessStaysSmall()
    {
        const int Count = 3000, ValueBytes = 8000;
        string[] topics = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => kafka.Broker.CreateTopicAsync()));
        var value = new string('x', ValueBytes);
        await Task.WhenAll(topics.Select(topic => kafka.Broker.ProduceAsync(topic, [.. Enumerable.Range(0, Count).Select(index => (0, (string?)$"k{index}", (string?)value))])));
        var warmUp = await kafka.Broker.CreateTopicAsync();
        await kafka.Broker.ProduceAsync(warmUp, (0, "a", "1"));
        _service = CacheProcess.Start(kafka.BootstrapServers, [warmUp], settings: new() { ["Cache__MemoryBudget"] = $"{8 << 20}", ["Cache__DiskBudget"] = $"{256 << 20}" });
        await _service.ReadyAsync();
        await using var connection = new ReplicaConnection(new() { Address = _service.Lanes }, NullLoggerFactory.Instance);
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await new FetchReader(Open(connection, begin => (begin.Topic, begin.Fetch) = (warmUp, new()))).ToEndAsync();
        var before = Memory("VmRSS");

        foreach (var topic in topics.Concat(topics))
        {
            var read = await new FetchReader(Open(connection, begin => (begin.Topic, begin.Fetch) = (topic, new()))).ToEndAsync();
            Assert.Equal(Enumerable.Range(0, Count).Select(offset => (long)offset), read.Heads.Select(head => head.Offset));
        }

        var held = (long)topics.Length * Count * ValueBytes;
        Assert.InRange(new FileInfo(Directory.EnumerateFiles(Path.Combine(_service.State, "spill")).Single()).Length, held - (16 << 20), 2 * held);
        Assert.True(Memory("VmHWM") - before < held, $"{Memory("VmHWM")} after {before}");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    /// <summary>What the service's process takes, in bytes: VmRSS = now, VmHWM = at most so far.</summary>
    private long Memory(string field) =>
        long.Parse(File.ReadLines($"/proc/{_service!.Process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;

    private static FrameStream Open(ReplicaConnection connection, Action<KafkaBeginEx> configure)
    {
        var begin = new Begin { Kafka = new() { Cluster = CacheReplica.ClusterName } };
        configure(begin.Kafka);
        return connection.Open(begin);
    }
}
