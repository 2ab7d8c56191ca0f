using System.Net;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>http.kafka.sync, its edge killed between a request and its repetition. The test is the service.</summary>
[Collection(FaultsCollection.Name)]
public sealed class CorrelatedKillTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _requests = KafkaBroker.Topic("requests");
    private readonly string _responses = KafkaBroker.Topic("responses");
    private ServiceSuite _suite = null!;

    public async Task InitializeAsync() => _suite = await ServiceSuite.StartAsync("http.kafka.sync", new Dictionary<string, TopicSpecification>
    {
        ["items-requests"] = new() { Name = _requests, NumPartitions = 1, ReplicationFactor = 1 },
        ["items-responses"] = new() { Name = _responses, NumPartitions = 1, ReplicationFactor = 1 },
    }, replicas: 1);

    public async Task DisposeAsync() => await _suite.DisposeAsync();

    [Fact]
    public async Task Request_RepeatedAcrossAKillOfTheEdge_JoinsThePendingOne_ThenGetsItsResponse_AndIsProducedOnce()
    {
        var edge = _suite.Edges[0];
        var lost = PutAsync();
        var request = Read(1).Single();
        await edge.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => lost);
        await edge.RestartAsync();

        // Pending: the request is in its topic, and another edge, which remembers nothing, waits for its response.
        var joined = PutAsync();
        await WriteAsync(request, "answered");
        Assert.Equal((HttpStatusCode.Created, "answered"), await Eventually.CompletesAsync(joined));

        // Answered: another edge still finds the response.
        await edge.KillAsync();
        await edge.RestartAsync();
        Assert.Equal((HttpStatusCode.Created, "answered"), await Eventually.CompletesAsync(PutAsync()));

        // A request of another key comes second: the first was produced once.
        var other = PutAsync("other");
        Assert.Equal(["once", "other"], Read(2).Select(record => Header(record, "idempotency-key")));
        await WriteAsync(Read(2)[1], "also");
        Assert.Equal((HttpStatusCode.Created, "also"), await Eventually.CompletesAsync(other));
    }

    private static string Header(ConsumeResult<string, string> record, string name) => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(name));

    private async Task<(HttpStatusCode Status, string Body)> PutAsync(string idempotencyKey = "once")
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_suite.Address, "/items/1")) { Content = new StringContent("Fig") };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The first records of the request topic, once there are so many.</summary>
    private List<ConsumeResult<string, string>> Read(int count)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = _suite.Broker.BootstrapServers, GroupId = "test" }).Build();
        consumer.Assign(new TopicPartitionOffset(_requests, 0, Offset.Beginning));
        return [.. Enumerable.Range(0, count).Select(_ => consumer.Consume(Patience) ?? throw new TimeoutException("The request did not come."))];
    }

    private async Task WriteAsync(ConsumeResult<string, string> request, string value)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _suite.Broker.BootstrapServers }).Build();
        await producer.ProduceAsync(_responses, new Message<string, string>
        {
            Key = request.Message.Key,
            Value = value,
            Headers = [new Header(":status", "201"u8.ToArray()), new Header("zilla:correlation-id", request.Message.Headers.GetLastBytes("zilla:correlation-id"))],
        });
    }
}
