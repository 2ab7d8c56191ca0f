using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zilla.Suite.Tests.Telemetry.Otlp;

namespace Zilla.Suite.Tests.Telemetry;

/// <summary>Receives what the suite's processes export by OTLP over HTTP, and keeps it.</summary>
public sealed class SpanCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();

    private SpanCollector(WebApplication app) => _app = app;

    public IReadOnlyCollection<CollectedSpan> Spans => _spans;

    /// <summary>What came as metrics and as logs: protobuf, texts in it as they are.</summary>
    public ConcurrentQueue<string> Metrics { get; } = new();

    /// <inheritdoc cref="Metrics"/>
    public ConcurrentQueue<string> Logs { get; } = new();

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Set these on a process for it to export here, soon after each span.</summary>
    public Dictionary<string, string?> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
    };

    public static async Task<SpanCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--urls", "http://127.0.0.1:0"] });
        builder.Logging.ClearProviders();
        var collector = new SpanCollector(builder.Build());
        collector._app.MapPost("/v1/traces", collector.TakeAsync);
        collector._app.MapPost("/v1/metrics", context => KeepAsync(context, collector.Metrics));
        collector._app.MapPost("/v1/logs", context => KeepAsync(context, collector.Logs));
        collector._app.MapFallback(() => Results.Ok());
        await collector._app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        foreach (var resource in ExportTraceServiceRequest.Parser.ParseFrom(body.ToArray()).ResourceSpans)
        {
            var service = resource.Resource.Attributes.FirstOrDefault(a => a.Key == "service.name")?.Value.StringValue ?? "";
            foreach (var span in resource.ScopeSpans.SelectMany(s => s.Spans))
            {
                _spans.Enqueue(new(service, Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId), span.Name));
            }
        }
    }

    private static async Task KeepAsync(HttpContext context, ConcurrentQueue<string> kept)
    {
        using var reader = new StreamReader(context.Request.Body, System.Text.Encoding.Latin1);
        kept.Enqueue(await reader.ReadToEndAsync());
    }

    private static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}

public sealed record CollectedSpan(string Service, string TraceId, string SpanId, string ParentSpanId, string Name);
