using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Channel;

/// <summary>Lanes and plans between services that know each other, and what strangers meet.</summary>
public sealed class ChannelTests(ChannelFixture fixture) : IClassFixture<ChannelFixture>
{
    private const string Lane = "/zilla.streams.v1.Streams/Lane";
    private const string Watch = "/zilla.plans.v1.Plans/Watch";

    private (ServiceProcess Service, string Method)[] Channels => [(fixture.Suite.Caches[0], Lane), (fixture.Suite.Control, Watch)];

    [Fact]
    public async Task Suite_OfCertificatesAndAKey_Serves()
    {
        using var client = new HttpClient { BaseAddress = fixture.Suite.Address };

        using var written = await client.PutAsync("/items/apple", new StringContent("1"));

        Assert.Equal(HttpStatusCode.NoContent, written.StatusCode);
        Assert.Equal("1", await client.GetStringAsync("/items/apple"));
    }

    [Fact]
    public async Task Call_WithACertificateButNoKey_IsUnauthenticated()
    {
        using var certificate = fixture.Authority.Issue("127.0.0.1");
        foreach (var (service, method) in Channels)
        {
            Assert.Equal("16", await CallAsync(service, method, certificate, null));
            Assert.Equal("16", await CallAsync(service, method, certificate, "another-key-than-theirs"));
        }
    }

    [Fact]
    public async Task Connection_WithoutACertificateOfTheAuthority_IsRefused()
    {
        using var stranger = new TestAuthority("Stranger").Issue("127.0.0.1");
        foreach (var (service, method) in Channels)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync(service, method, null, ChannelFixture.Key));
            await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync(service, method, stranger, ChannelFixture.Key));
        }
    }

    [Fact]
    public async Task Edge_WithAnotherKey_SaysWhatIsAmiss()
    {
        var folder = Directory.CreateTempSubdirectory("zilla-stranger-");
        await using (var edge = ServiceProcess.Start("Zilla.EdgeHttp", "edge-http-stranger", folder.FullName, 0, new Dictionary<string, string?>(fixture.Settings)
        {
            ["Zilla__Channel__Key"] = "another-key-than-theirs",
            ["services__control__grpc__0"] = fixture.Suite.Control.Channel.ToString(),
            ["services__kafka-cache__grpc__0"] = fixture.Suite.Caches[0].Channel.ToString(),
        }))
        {
            await Eventually.HoldsAsync(() => edge.Output.Split("another key than this service: Zilla__Channel__Key").Length > 2, TimeSpan.FromSeconds(60), "both the lane and the plan say why");
            Assert.DoesNotContain("another-key-than-theirs", edge.Output + fixture.Suite.Control.Output, StringComparison.Ordinal);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public void Services_ListenOnLoopbackOnly()
    {
        foreach (var service in new[] { fixture.Suite.Control, fixture.Suite.Caches[0], fixture.Suite.Edges[0] })
        {
            var endpoints = Listening.Of(service.Id);
            Assert.True(endpoints.Count >= 2, $"{service.Name}: {string.Join(", ", endpoints)}");
            Assert.All(endpoints, endpoint => Assert.True(IPAddress.IsLoopback(endpoint.Address), $"{service.Name} listens on {endpoint}"));
        }
    }

    /// <returns>grpc-status of an answer that is nothing but trailers.</returns>
    private static async Task<string> CallAsync(ServiceProcess service, string method, X509Certificate2? certificate, string? key)
    {
        using var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        }

        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(service.Channel, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([]) { Headers = { { "content-type", "application/grpc" } } },
        };
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        using var response = await client.SendAsync(request);
        return response.Headers.GetValues("grpc-status").Single();
    }
}
