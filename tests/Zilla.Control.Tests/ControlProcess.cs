using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Zilla.Control.Tests;

/// <summary>Control as its <c>Program</c> puts it together, on loopback ports.</summary>
internal sealed class ControlProcess : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private ControlProcess(WebApplication app, int port)
    {
        _app = app;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public static async Task<ControlProcess> StartAsync(string? config, int http, int grpc, string? state = null, TimeSpan? poll = null, string? token = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:Http:Url"] = $"http://127.0.0.1:{http}",
            ["Kestrel:Endpoints:Grpc:Url"] = $"http://127.0.0.1:{grpc}",
            ["Zilla:Config"] = config,
            ["Zilla:StateDirectory"] = state,
            ["Zilla:ConfigToken"] = token,
            ["Zilla:ConfigPollInterval"] = (poll ?? TimeSpan.FromSeconds(60)).ToString(),
        });
        builder.AddControl();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapControl();
        await app.StartAsync();
        return new ControlProcess(app, http);
    }

    public async Task<JsonElement> StatusAsync() => JsonDocument.Parse(await _client.GetStringAsync("/status")).RootElement;

    public async Task<long?> RevisionAsync() => (await StatusAsync()).GetProperty("revision") is { ValueKind: JsonValueKind.Number } revision ? revision.GetInt64() : null;

    /// <param name="method">GET or PUT.</param>
    /// <param name="path">Of the resource.</param>
    /// <param name="body">To send; null = none.</param>
    /// <param name="headers">As lines, "Name: value".</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, params string[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body) };
        foreach (var header in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]));
        }

        return await _client.SendAsync(request);
    }

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await _client.GetAsync(path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
