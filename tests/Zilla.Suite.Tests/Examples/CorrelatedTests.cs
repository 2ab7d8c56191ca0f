using System.Net;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>http.kafka.sync and http.kafka.async as their READMEs show them, with a service of kafkajs behind the topics.</summary>
public sealed class CorrelatedTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> _topics = new()
    {
        ["items-requests"] = KafkaBroker.Topic("requests"),
        ["items-responses"] = KafkaBroker.Topic("responses"),
    };

    private KafkaBroker _kafka = null!;

    public async Task InitializeAsync() => _kafka = await KafkaBroker.StartAsync();

    public async Task DisposeAsync() => await _kafka.DisposeAsync();

    [RequiresToolTheory("curl", "bash", "node", "npm")]
    [InlineData("http.kafka.sync", "/items/1")]
    [InlineData("http.kafka.async", "/items/1;cid=none")]
    public async Task Example_CurlLinesOfTheReadme_AreAnsweredByTheService(string example, string probe)
    {
        await CreateTopicsAsync();
        await using var service = await StartServiceAsync();
        await using var suite = await RunningSuite.StartExampleAsync(_kafka.BootstrapServers, example, _topics, probe);

        var commands = ReadmeCommands.Curls(Path.Combine(Repository.Root, "examples", example, "README.md"));
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            var output = await ReadmeCommands.RunAsync(command, suite);
            Assert.Contains(command.Contains("respond-async", StringComparison.Ordinal) && !command.Contains("wait=", StringComparison.Ordinal) ? "HTTP/1.1 202" : "HTTP/1.1 20", output, StringComparison.Ordinal);
        }
    }

    [RequiresToolFact("node", "npm")]
    public async Task Sync_RequestRepeatedWhilePendingAndAfter_ReachesTheServiceOnce()
    {
        await CreateTopicsAsync();
        RunningSuite suite;
        await using (var early = await StartServiceAsync())
        {
            suite = await RunningSuite.StartExampleAsync(_kafka.BootstrapServers, "http.kafka.sync", _topics, "/items/probe");
        }

        await using var running = suite;

        // Nobody answers: the first two give up. What they asked for is in the topic.
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await PutAsync(suite, "wait=1")).StatusCode);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await PutAsync(suite, "wait=1")).StatusCode);

        var pending = PutAsync(suite, "wait=25");
        await using var service = await StartServiceAsync();
        using var response = await pending;
        Assert.Equal((HttpStatusCode.Created, "Fig"), (response.StatusCode, await response.Content.ReadAsStringAsync()));

        using var after = await PutAsync(suite, "wait=25");
        Assert.Equal((HttpStatusCode.Created, "Fig"), (after.StatusCode, await after.Content.ReadAsStringAsync())); // 200 had the service been asked again

        // Once this is answered, all requests before it are.
        using var barrier = await suite.Http.PutAsync(new Uri("/items/barrier", UriKind.Relative), new StringContent(""));
        await service.WaitForLineAsync("PUT /items/barrier ");
        Assert.Single(service.Lines, line => line.StartsWith("PUT /items/once ", StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> PutAsync(RunningSuite suite, string prefer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/items/once") { Content = new StringContent("Fig") };
        request.Headers.Add("Idempotency-Key", "once");
        request.Headers.Add("Prefer", prefer);
        return await suite.Http.SendAsync(request);
    }

    private async Task CreateTopicsAsync()
    {
        foreach (var topic in _topics.Values)
        {
            await NodeClients.RunAsync("create-topic.mjs", _kafka.BootstrapServers, topic, "1");
        }
    }

    private async Task<ChildProcess> StartServiceAsync()
    {
        var service = await NodeClients.StartAsync("responder.mjs", _kafka.BootstrapServers, _topics["items-requests"], _topics["items-responses"]);
        await service.WaitForLineAsync("ready", TimeSpan.FromSeconds(30));
        return service;
    }
}
