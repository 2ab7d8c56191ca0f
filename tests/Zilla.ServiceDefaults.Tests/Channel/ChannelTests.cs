using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zilla.ServiceDefaults.Channel;
using Zilla.Testing;

namespace Zilla.ServiceDefaults.Tests.Channel;

/// <summary>A service that serves something to the others, which is called as they call it and as strangers do.</summary>
public sealed class ChannelTests
{
    private const string Key = "key-0123456789abcdef";
    private const string OtherKey = "key-of-another-suite";

    private readonly ManualTime _time = new();
    private readonly CapturedLog _log = new();

    [Fact]
    public async Task Call_WithoutTheKey_IsUnauthenticated_AndToldWhichSettingIsAmiss()
    {
        await using var app = await StartAsync(("Zilla:Channel:Key", Key));

        var (served, _) = await CallAsync(app, $"Bearer {Key}");
        var (missing, missingReason) = await CallAsync(app, null);
        var (wrong, wrongReason) = await CallAsync(app, $"Bearer {OtherKey}");

        Assert.Equal(("0", "16", "16"), (served, missing, wrong));
        Assert.StartsWith("The call has no key: Zilla__Channel__Key ", missingReason, StringComparison.Ordinal);
        Assert.StartsWith("The call has another key than this service: Zilla__Channel__Key ", wrongReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_OfAServiceOfTheSuite_CarriesItsKey()
    {
        await using var app = await StartAsync(("Zilla:Channel:Key", Key));
        await using var old = await StartAsync(("Zilla:Channel:Key", $"{OtherKey},{Key}"));
        using var client = new HttpMessageInvoker(app.Services.GetRequiredService<Func<SocketsHttpHandler, HttpMessageHandler>>()(new SocketsHttpHandler()));
        foreach (var callee in new[] { app, old })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address(callee), "/service/Call"));
            using var response = await client.SendAsync(request, CancellationToken.None);
            Assert.Equal("0", response.Headers.GetValues("grpc-status").Single());
        }
    }

    [Fact]
    public async Task Call_NoKeyConfigured_OnLoopback_IsServed()
    {
        await using var app = await StartAsync();

        Assert.Equal("0", (await CallAsync(app, null)).Status);
        Assert.Equal("0", (await CallAsync(app, $"Bearer {Key}")).Status);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    public async Task Probe_WithoutTheKey_IsAnswered(string path)
    {
        await using var app = await StartAsync(("Zilla:Channel:Key", Key));
        using var http = new HttpClient { BaseAddress = Address(app) };

        using var response = await http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Refusals_AreAllCounted_AndLoggedAtABoundedRateWithoutTheKeys()
    {
        var counted = 0L;
        using var listener = new MeterListener();
        await using var app = await StartAsync(("Zilla:Channel:Key", Key));
        var scope = app.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "zilla.channel.refusals" && instrument.Meter.Scope == scope)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();

        for (var call = 0; call < 5; call++)
        {
            await CallAsync(app, $"Bearer {OtherKey}");
        }

        Assert.Equal(1, Logged("Refused calls"));
        _time.Advance(ChannelRefusals.Pause);
        await CallAsync(app, null);

        Assert.Equal(6, Interlocked.Read(ref counted));
        Assert.Equal(2, Logged("Refused calls"));
        Assert.Equal(1, Logged("since this was last said: 5. The latest, HTTP: POST /service/Call from 127.0.0.1: its key is missing"));
        Assert.Equal(0, Logged(Key) + Logged(OtherKey));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "http://0.0.0.0:0, which others than this machine can reach, and there is no key: set Zilla:Channel:Key (Zilla__Channel__Key)")]
    [InlineData("http://[::]:0", "and there is no key")]
    [InlineData("http://*:0", "and there is no key")]
    [InlineData("http://kafka-cache:0", "and there is no key")]
    public async Task Start_ReachableFromElsewhereWithoutKey_Refused(string url, string reason)
    {
        var refused = await Assert.ThrowsAsync<FormatException>(async () => await (await StartAsync(("Kestrel:Endpoints:Grpc:Url", url), ("Kestrel:Endpoints:Grpc:Protocols", "Http2"))).DisposeAsync());

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("Kestrel:Endpoints:Grpc:Url is ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", "Zilla:Channel:Key", "")]
    [InlineData("http://[::1]:0", "Zilla:Channel:Key", "")]
    [InlineData("http://0.0.0.0:0", "Zilla:Channel:Key", Key)]
    [InlineData("http://0.0.0.0:0", "Zilla:Channel:AllowWithoutKey", "true")]
    [InlineData("http://0.0.0.0:0", "Kestrel:Endpoints:Grpc:Protocols", "Http1")]
    public async Task Check_LoopbackOrKeyOrAllowedOrNoChannel_Starts(string url, string setting, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Kestrel:Endpoints:Grpc:Url"] = url, [setting] = value }).Build();
        var options = ChannelOptions.Read(configuration);

        await new ChannelCheck(configuration, options, new(options), new(options)).StartAsync(CancellationToken.None);
    }

    private static Uri Address(WebApplication app) => new(app.Urls.Single());

    private static async Task<(string Status, string? Reason)> CallAsync(WebApplication app, string? authorization)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address(app), "/service/Call"));
        if (authorization is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("authorization", authorization));
        }

        using var response = await http.SendAsync(request);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.ToString());
        return (response.Headers.GetValues("grpc-status").Single(), response.Headers.TryGetValues("grpc-message", out var reason) ? reason.Single() : null);
    }

    private async Task<WebApplication> StartAsync(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)));
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapPost("/service/Call", context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "0";
            return Task.CompletedTask;
        }).RequireChannelKey();
        await app.StartAsync();
        return app;
    }

    private int Logged(string text) => _log.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
