using Zilla.Config.Telemetry;
using Zilla.Config.Validation;

namespace Zilla.Config.Loading.Readers;

/// <summary>
/// Reference §1.1, §3.5, §3.6.
/// </summary>
internal static class TelemetryReader
{
    internal static readonly string[] ExporterTypes = ["stdout", "prometheus", "otlp", "syslog", "aws-cloudwatch"];

    public static TelemetryConfig Read(MappingReader telemetry)
    {
        var read = new TelemetryConfig { Attributes = telemetry.TextMap("attributes"), Metrics = Metrics(telemetry), Exporters = [.. Exporters(telemetry)] };
        telemetry.Finish();
        return read;
    }

    /// <summary>Of one binding; null if it has none.</summary>
    public static BindingTelemetry? ReadBinding(MappingReader binding)
    {
        if (binding.Mapping("telemetry") is not { } telemetry)
        {
            return null;
        }

        var read = new BindingTelemetry { Metrics = Metrics(telemetry), Attributes = telemetry.TextMap("attributes") };
        foreach (var (name, text) in read.Attributes)
        {
            if (Expression.In(text).Contains(null))
            {
                telemetry.Findings.Report(telemetry.Path / "attributes" / name, "'${' without '}'");
            }
            else if (Expression.In(text).Any() && (AttributeExpression.Of(text) is null || binding.Text("type") != "http"))
            {
                telemetry.Findings.Report(telemetry.Path / "attributes" / name, AttributeExpression.Of(text) is null
                    ? "expected a text, or nothing but one expression such as ${http.request.method} or ${http.response.status}"
                    : "there are requests and responses of http bindings only");
            }
        }

        telemetry.Finish();
        return read;
    }

    private static IReadOnlyList<string> Metrics(MappingReader telemetry)
    {
        var metrics = new List<string>();
        foreach (var (item, at) in telemetry.Items("metrics"))
        {
            if (telemetry.AsText(item, at) is { } pattern)
            {
                var names = MetricNames.Matching(pattern);
                metrics.AddRange(names);
                if (names.Count == 0)
                {
                    telemetry.Findings.Report(item.Start, at, $"there is no metric {item.Describe}" + telemetry.Findings.Suggest(pattern, [.. MetricNames.Groups, .. MetricNames.All]));
                }
            }
        }

        return [.. metrics.Distinct()];
    }

    private static IEnumerable<ExporterConfig> Exporters(MappingReader telemetry)
    {
        foreach (var (name, body) in telemetry.NamedEntries("exporters"))
        {
            var exporter = ExporterReader.Read(name, body);
            if (exporter is null)
            {
                NotYet(body);
            }

            if (exporter is not null)
            {
                yield return exporter;
            }
        }
    }

    private static void NotYet(MappingReader exporter)
    {
        if (exporter.Text("type") is { Length: > 0 } type)
        {
            exporter.Findings.Report(exporter.Path / "type", ExporterTypes.Contains(type)
                ? $"the exporter type '{type}' is not supported yet"
                : $"there is no exporter type {exporter.Take("type")!.Describe}" + exporter.Findings.Suggest(type, ExporterTypes));
        }
    }
}
