using System.Net;
using Confluent.Kafka;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Clients;

/// <summary>The process as its user sees it.</summary>
public sealed class ProcessTests
{
    private static readonly string Program = Repository.Service("Zilla.DevKafka");

    [Theory]
    [InlineData(15)] // SIGTERM
    [InlineData(2)]  // SIGINT
    public async Task Signal_WhileAClientIsConnected_CleanExitWithoutWaitingForIt(int signal)
    {
        await using var kafka = await KafkaBroker.StartDevKafkaAsync();
        using var client = await Listeners.RawClient.ConnectAsync(int.Parse(kafka.BootstrapServers.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(0, await kafka.StopAsync(TimeSpan.FromSeconds(25), signal));
    }

    [Fact]
    public async Task Fsync_Produce_AcknowledgedAndThereAfterAKill()
    {
        await using var kafka = await KafkaBroker.StartDevKafkaAsync("--fsync", "--default-partitions", "2");
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, Acks = Acks.All }).Build();
        var sent = await producer.ProduceAsync(new TopicPartition("t", 1), new Message<Null, string> { Value = "v" });
        await kafka.KillAsync();
        await kafka.RestartAsync();

        using var consumer = new ConsumerBuilder<Null, string>(new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = "g" }).Build();
        consumer.Assign(sent.TopicPartitionOffset);
        Assert.Equal("v", consumer.Consume(TimeSpan.FromSeconds(20))?.Message.Value);
    }

    [Fact]
    public async Task Start_DataInUse_RefusedInOneLine()
    {
        await using var kafka = await KafkaBroker.StartDevKafkaAsync();
        await using var second = ChildProcess.Start(Program, ["--port", "0", "--data", kafka.DataFolder]);

        Assert.Equal(1, await second.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains("in use by another DevKafka", Assert.Single(second.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PortInUse_RefusedInOneLine()
    {
        await using var kafka = await KafkaBroker.StartDevKafkaAsync();
        using var folder = new TemporaryFolder();
        await using var second = ChildProcess.Start(Program, ["--port", kafka.BootstrapServers.Split(':')[1], "--data", folder.Path]);

        Assert.Equal(1, await second.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains("Cannot listen on", Assert.Single(second.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--nonsense", "unknown option")]
    [InlineData("--port", "needs a value")]
    public async Task Start_WrongOption_SaidAndExitTwo(string option, string said)
    {
        await using var process = ChildProcess.Start(Program, [option]);
        Assert.Equal(2, await process.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains(said, process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_EndpointConfigured_ReadyOnceListening()
    {
        using var folder = new TemporaryFolder();
        var port = FreePort.Next();
        await using var process = ChildProcess.Start(Program, ["--port", "0", "--data", folder.Path], new Dictionary<string, string?>
        {
            ["Kestrel__Endpoints__Http__Url"] = $"http://127.0.0.1:{port}",
        });
        await process.WaitForLineAsync("Application started");
        using var client = new HttpClient();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"http://127.0.0.1:{port}/readyz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"http://127.0.0.1:{port}/healthz")).StatusCode);
    }
}
