using System.Text;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Quickstart;

/// <summary>What other Kafka clients see of the suite's records, and the suite of theirs.</summary>
[Collection(QuickstartCollection.Name)]
public sealed class KafkaTests(QuickstartFixture fixture)
{
    [RequiresToolFact("kcat")]
    public async Task Record_OfAPOST_HasKeyHeaderAndValue_ForKcat()
    {
        var key = Guid.NewGuid().ToString();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/items") { Content = new StringContent("""{"name":"Fig"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await fixture.Suite.Http.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);

        var records = await ChildProcess.RunAsync(
            "kcat", ["-b", fixture.Kafka.BootstrapServers, "-C", "-t", fixture.Suite.Topic, "-o", "beginning", "-e", "-q", "-f", "%k|%h|%s\\n"]);
        Assert.Matches($$"""{{key}}\|content-type=application/json; charset=utf-8,traceparent=00-[0-9a-f]{32}-[0-9a-f]{16}-01\|\{"name":"Fig"\}""", records);
    }

    [RequiresToolFact("kcat")]
    public async Task Record_OfKcat_IsServedToHttp()
    {
        var key = Guid.NewGuid().ToString();
        await ChildProcess.RunAsync(
            "kcat", ["-b", fixture.Kafka.BootstrapServers, "-P", "-t", fixture.Suite.Topic, "-k", key, "-H", "content-type=text/x-note", "-H", "etag=v7"], input: "7");
        HttpResponseMessage? response = null;
        await Eventually.HoldsAsync(async () => (response = await fixture.Suite.Http.GetAsync(new Uri($"/items/{key}", UriKind.Relative))).IsSuccessStatusCode);
        Assert.Equal("text/x-note", response!.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("/v7", response.Headers.NonValidated["ETag"].ToString(), StringComparison.Ordinal);
        Assert.Equal("7", await response.Content.ReadAsStringAsync());
    }
}
