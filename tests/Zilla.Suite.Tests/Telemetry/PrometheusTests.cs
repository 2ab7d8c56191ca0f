using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Telemetry;

/// <summary>A real Prometheus reads every instance, and answers what docs/operations.md asks.</summary>
[Collection(FaultsCollection.Name)]
public sealed partial class PrometheusTests(FaultsFixture fixture) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zilla-prometheus-");
    private readonly HttpClient _prometheus = new() { BaseAddress = new Uri($"http://127.0.0.1:{FreePort.Next()}") };
    private ChildProcess _server = null!;

    public Task InitializeAsync()
    {
        var targets = fixture.Suite.Edges.Concat(fixture.Suite.Caches).Append(fixture.Suite.Control).Select(service => $"'{service.Address.Authority}'");
        var configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        File.WriteAllText(configuration, $"global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: zilla, static_configs: [{{targets: [{string.Join(", ", targets)}]}}]}}]\n");
        _server = ChildProcess.Start("prometheus",
        [
            "--config.file", configuration, "--storage.tsdb.path", Path.Combine(_folder.FullName, "data"), "--web.listen-address", _prometheus.BaseAddress!.Authority, "--log.level", "warn",
        ]);
        return Task.CompletedTask;
    }

    [RequiresToolFact("prometheus")]
    public async Task Queries_OfTheDocumentation_AreAnswered_AndTheBrokersStateIsTold()
    {
        using var client = new HttpClient { BaseAddress = fixture.Suite.Address };
        var queries = PromQl().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/operations.md"))).Select(m => m.Groups[1].Value.Trim().Replace("[5m]", "[30s]")).ToList();
        Assert.Equal(6, queries.Count);

        // A rate needs two scrapes with requests between them.
        await Eventually.HoldsAsync(async () =>
        {
            using var put = await client.PutAsync(new Uri("/items/prometheus", UriKind.Relative), new StringContent("1"));
            return put.IsSuccessStatusCode && await AskAsync(queries[0]) is [> 0] && await AskAsync(queries[1]) is [> 0];
        }, TimeSpan.FromSeconds(60), "request rate and p99 are known");

        var lag = Enumerable.Repeat(0.0, FaultsFixture.Partitions).ToArray();
        await Eventually.HoldsAsync(async () => (await AskAsync(queries[2])).SequenceEqual(lag), TimeSpan.FromSeconds(30), "no partition lags");
        foreach (var query in queries[3..])
        {
            await Eventually.HoldsAsync(async () => await AskAsync(query) is [0], TimeSpan.FromSeconds(30), query);
        }

        await BrokerGoesAndComesBackAsync(queries[3]);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _prometheus.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task BrokerGoesAndComesBackAsync(string clustersDown)
    {
        using var cache = new HttpClient { BaseAddress = fixture.Suite.Caches[0].Address };
        await fixture.Suite.Broker.KillAsync();
        await Eventually.HoldsAsync(async () => await StatusAsync(cache) == HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(30), "/readyz turns");
        await Eventually.HoldsAsync(async () => await AskAsync(clustersDown) is [2], TimeSpan.FromSeconds(30), "both caches say so");

        await fixture.Suite.Broker.RestartAsync();

        await Eventually.HoldsAsync(async () => await StatusAsync(cache) == HttpStatusCode.OK, TimeSpan.FromSeconds(60), "/readyz turns back");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient service)
    {
        using var response = await service.GetAsync(new Uri("/readyz", UriKind.Relative));
        return response.StatusCode;
    }

    /// <summary>The values of the instant vector; none while the server does not answer.</summary>
    private async Task<double[]> AskAsync(string query)
    {
        try
        {
            using var answer = JsonDocument.Parse(await _prometheus.GetStringAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative)));
            return [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(r => double.Parse(r.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture))];
        }
        catch (HttpRequestException)
        {
            return [];
        }
    }

    [GeneratedRegex("```promql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex PromQl();
}
