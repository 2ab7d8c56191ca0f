using Zilla.Config.Telemetry;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §3.6.</summary>
internal static class ExporterReader
{
    /// <summary>Null for types of which nothing but the name is known.</summary>
    public static ExporterConfig? Read(string name, MappingReader body)
    {
        var type = body.RequiredText("type");
        var options = type == "stdout" ? null : body.Mapping("options") ?? BindingNode.Empty(body, "options");
        ExporterConfig? exporter = type switch
        {
            "stdout" => new StdoutExporter { Name = name },
            "prometheus" => Prometheus(name, options!),
            "otlp" => Otlp(name, body, options!),
            _ => null,
        };
        if (exporter is not null)
        {
            options?.Finish();
            body.Finish();
        }

        return exporter;
    }

    private static PrometheusExporter Prometheus(string name, MappingReader options)
    {
        var endpoints = options.Mappings("endpoints");
        if (endpoints.Count == 0)
        {
            options.Findings.Report(options.Path, "'endpoints' is missing");
        }

        return new PrometheusExporter { Name = name, Endpoints = [.. endpoints.Select(Endpoint)] };
    }

    private static PrometheusEndpoint Endpoint(MappingReader endpoint)
    {
        endpoint.RequiredText("scheme");
        endpoint.Choice("scheme", ("http", true));
        endpoint.RequiredText("port");
        var read = new PrometheusEndpoint { Port = endpoint.Number("port", 1, 65535) ?? 0 };
        read = read with { Path = endpoint.Text("path") ?? read.Path };
        if (!read.Path.StartsWith('/'))
        {
            endpoint.Findings.Report(endpoint.Path / "path", $"a path starts with '/', found {endpoint.Take("path")!.Describe}");
        }

        endpoint.Finish();
        return read;
    }

    private static OtlpExporter Otlp(string name, MappingReader body, MappingReader options)
    {
        var signals = options.Texts("signals");
        foreach (var (index, signal) in signals.Index().Where(pair => pair.Item is not ("metrics" or "logs")))
        {
            options.Findings.Report(options.Path / "signals" / index, $"'{signal}' is none of metrics, logs");
        }

        var endpoint = options.Mapping("endpoint");
        if (options.Take("endpoint") is null)
        {
            options.Findings.Report(options.Path, "'endpoint' is missing");
        }

        endpoint ??= BindingNode.Empty(options, "endpoint");
        endpoint.Choice("protocol", ("http", true));
        var location = options.Take("endpoint") is null ? new Uri("http://nowhere.invalid") : RemoteReader.Url(endpoint, "location");
        var overrides = endpoint.Mapping("overrides");
        var read = new OtlpExporter
        {
            Name = name,
            Vault = body.Text("vault"),
            Metrics = signals.Count == 0 || signals.Contains("metrics"),
            Logs = signals.Count == 0 || signals.Contains("logs"),
            MetricsUrl = Below(location, overrides?.Text("metrics") ?? "/v1/metrics"),
            LogsUrl = Below(location, overrides?.Text("logs") ?? "/v1/logs"),
            Authorization = RemoteReader.Authorization(options),
            Tls = RemoteReader.Tls(options, location),
        };
        if (read is { Vault: null, Tls: { } tls } && tls.Keys.Count + tls.Trust.Count > 0)
        {
            body.Findings.Report(body.Path, "'vault' is missing");
        }

        overrides?.Finish();
        endpoint.Finish();
        return options.Number("interval", 1, 24 * 60 * 60) is { } seconds ? read with { Interval = TimeSpan.FromSeconds(seconds) } : read;
    }

    /// <summary>A path of its own replaces the location's, an absolute URL all of it.</summary>
    private static Uri Below(Uri location, string path) => Uri.TryCreate(location, path, out var url) ? url : location;
}
