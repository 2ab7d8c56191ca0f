using System.Text;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Tests.Running;

public sealed class HealthProbeTests
{
    private readonly HealthProbe _probe = new(new HttpClient(), TimeProvider.System);

    [Fact]
    public void Read_BodyOfServiceDefaults_GivesEveryCheckAndTheClientAddresses()
    {
        var result = _probe.Read(Encoding.UTF8.GetBytes(
            """{"status":"Unhealthy","checks":{"self":{"status":"Healthy"},"kafka":{"status":"Unhealthy","description":"no broker"},"listeners":{"status":"Degraded","urls":["http://127.0.0.1:7114"]}}}"""));

        Assert.NotNull(result);
        Assert.Equal(
            [("self", HealthStatus.Healthy, null), ("kafka", HealthStatus.Unhealthy, "no broker"), ("listeners", HealthStatus.Degraded, null)],
            result.Reports.Select(r => (r.Name, r.Status!.Value, r.Description)));
        Assert.Equal(["http://127.0.0.1:7114"], result.ClientUrls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Healthy")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"checks":[]}""")]
    [InlineData("""{"checks":{"a":{}}}""")]
    [InlineData("""{"checks":{"a":{"status":"Splendid"}}}""")]
    [InlineData("""{"checks":{"a":{"status":"Healthy","urls":7}}}""")]
    public void Read_AnotherBody_IsNull(string body) => Assert.Null(_probe.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public async Task CheckAsync_NothingListens_IsUnhealthy()
    {
        var result = await _probe.CheckAsync(new Uri("http://127.0.0.1:1/readyz"), default);

        Assert.Equal(("readyz", HealthStatus.Unhealthy), (result.Reports.Single().Name, result.Reports.Single().Status!.Value));
    }
}
