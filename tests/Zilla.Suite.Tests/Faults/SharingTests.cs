using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>Replicas behind one port share what clients bring: connections among the edges, records and reads among the cache replicas.</summary>
[Collection(FaultsCollection.Name)]
public sealed class SharingTests(FaultsFixture fixture)
{
    private const int Clients = 64;
    private const string Requests = "http_duration_count";
    private const string Records = "zilla_cache_produce_records_total";

    [Fact]
    public async Task Serve_TwoEdgesAndTwoCaches_EachDoesItsPart()
    {
        var suite = fixture.Suite;
        var requests = await suite.Edges.CountAsync(Requests);
        var records = await suite.Caches.CountAsync(Records);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(index => PutAsync(suite.Port, index)));
        IReadOnlyList<double> served = [], written = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                served = [.. (await suite.Edges.CountAsync(Requests)).Zip(requests, (after, before) => after - before)];
                written = [.. (await suite.Caches.CountAsync(Records)).Zip(records, (after, before) => after - before)];
                return served.Sum() >= Clients && written.Sum() >= Clients;
            },
            TimeSpan.FromSeconds(60), "all is counted");

        // Which edge a connection comes to is the kernel's choice, by its addresses: neither gets nearly all of 64. An edge gives records to the replicas in
        // turn, once it has lanes to both.
        Assert.All(served, count => Assert.InRange(count, Clients / 16, Clients));
        Assert.All(written, count => Assert.InRange(count, Clients / 16, Clients));
    }

    private static async Task PutAsync(int port, int index)
    {
        using var client = await RawHttp.ConnectAsync(port);
        await client.SendAsync($"PUT /items/shared-{index} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{{}}");
        Assert.StartsWith("HTTP/1.1 204 ", await client.ReadToAsync("\r\n\r\n"), StringComparison.Ordinal);
    }
}
