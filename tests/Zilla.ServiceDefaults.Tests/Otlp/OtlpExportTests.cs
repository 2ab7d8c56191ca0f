using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zilla.ServiceDefaults.Otlp;
using Zilla.Testing;

namespace Zilla.ServiceDefaults.Tests.Otlp;

/// <summary>Collectors that come and go while the service runs.</summary>
public sealed class OtlpExportTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Path, string Authorization, string Body)> _received = new();
    private readonly Meter _meter = new("Zilla.OtlpExportTests");
    private readonly OtlpExport _export = new("this-service", ["Zilla.OtlpExport*"]);
    private WebApplication _collector = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--urls", "http://127.0.0.1:0"] });
        builder.Logging.ClearProviders();
        _collector = builder.Build();
        _collector.MapPost("/{**path}", async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _received.Enqueue((context.Request.Path, context.Request.Headers.Authorization.ToString(), Encoding.Latin1.GetString(body.ToArray())));
        });
        await _collector.StartAsync();
    }

    [Fact]
    public async Task Use_Tls_TrustsWhatItIsTold_AndNobodyElse()
    {
        var authority = new TestAuthority("collectors");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(authority.Issue("127.0.0.1"))));
        await using var collector = builder.Build();
        collector.MapPost("/{path}", (string path) => _received.Enqueue(($"/{path}", "", "")));
        await collector.StartAsync();
        var address = new Uri(collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        OtlpTarget To(string path, TestAuthority trusted)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(trusted.Public);
            return new OtlpTarget(new Uri(address, path), null, TimeSpan.FromMilliseconds(100), null, new Dictionary<string, string>())
            {
                Tls = new OtlpTls(path, new SslClientAuthenticationOptions { CertificateChainPolicy = policy }),
            };
        }

        _meter.CreateCounter<long>("zilla.test.tls").Add(1);
        _export.Use([To("foreign", new TestAuthority("collectors")), To("trusted", authority)]);

        await Eventually.HoldsAsync(() => _received.Count(request => request.Path == "/trusted") > 2);
        Assert.DoesNotContain(_received, request => request.Path == "/foreign");
    }

    [Fact]
    public async Task Use_Target_GetsMetricsAndLog_UntilItIsGone()
    {
        var counter = _meter.CreateCounter<long>("zilla.test.counted");
        var logger = _export.CreateLogger("Zilla.Test");
        Assert.False(logger.IsEnabled(LogLevel.Critical));

        _export.Use([Target("a/metrics", "a/logs", "Basic a,b=c")]);
        counter.Add(1);
        logger.LogInformation("said {What}", "something");

        await Eventually.HoldsAsync(() => Got("/a/metrics", "zilla.test.counted") && Got("/a/metrics", "this-service") && Got("/a/metrics", "test-attribute"));
        await Eventually.HoldsAsync(() => Got("/a/logs", "said something") && Got("/a/logs", "test-attribute"));
        Assert.All(_received, request => Assert.Equal("Basic a,b=c", request.Authorization));

        // Another takes its place; what is said to none is lost to both.
        _export.Use([]);
        Assert.False(logger.IsEnabled(LogLevel.Critical));
        logger.LogInformation("said to nobody");
        _export.Use([Target("b/metrics", null, null)]);
        counter.Add(1);
        Assert.False(logger.IsEnabled(LogLevel.Critical));
        await Eventually.HoldsAsync(() => Got("/b/metrics", "zilla.test.counted"));
        Assert.DoesNotContain(_received, request => request.Body.Contains("said to nobody", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Use_TheSameAgain_ChangesNothing_AndDisposeSendsTheRest()
    {
        var logger = _export.CreateLogger("Zilla.Test");
        _export.Use([Target(null, "logs", null)]);
        var factory = Factory();
        _export.Use([Target(null, "logs", null)]);
        Assert.Same(factory, Factory());

        logger.LogInformation("the last word");
        _export.Dispose();

        await Eventually.HoldsAsync(() => Got("/logs", "the last word"));
        Assert.DoesNotContain(_received, request => request.Path == "/metrics");
    }

    public async Task DisposeAsync()
    {
        _export.Dispose();
        _meter.Dispose();
        await _collector.DisposeAsync();
    }

    private object? Factory() => typeof(OtlpExport).GetField("_logs", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(_export);

    private bool Got(string path, string text) => _received.Any(request => request.Path == path && request.Body.Contains(text, StringComparison.Ordinal));

    private OtlpTarget Target(string? metrics, string? logs, string? authorization)
    {
        var address = new Uri(_collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return new OtlpTarget(
            metrics is null ? null : new Uri(address, metrics), logs is null ? null : new Uri(address, logs), TimeSpan.FromMilliseconds(200), authorization,
            new Dictionary<string, string> { ["test-attribute"] = "1" });
    }
}
