namespace Zilla.Config.Loading;

/// <summary>
/// Reference §1.1, §3.6. The stdout exporter asks for what every service does anyhow (its events are its log), and so it alone is accepted; it is in
/// nearly every file that Zilla's users have.
/// </summary>
internal static class TelemetryReader
{
    private const string Stdout = "stdout";

    private static readonly string[] Types = [Stdout, "prometheus", "otlp", "syslog", "aws-cloudwatch"];

    public static void Check(MappingReader telemetry)
    {
        telemetry.NotYet("attributes", "metrics");
        if (telemetry.Mapping("exporters") is { } exporters)
        {
            foreach (var name in exporters.Keys)
            {
                if (!NameRules.IsName(name))
                {
                    exporters.ReportKey(name, NameRules.Broken($"'{name}'"));
                }

                if (exporters.Mapping(name) is { } exporter)
                {
                    Exporter(exporter);
                }
            }
        }

        telemetry.Finish();
    }

    private static void Exporter(MappingReader exporter)
    {
        var type = exporter.RequiredText("type");
        if (type == Stdout)
        {
            exporter.Finish();
        }
        else if (type.Length > 0)
        {
            exporter.Findings.Report(exporter.Path / "type", Types.Contains(type)
                ? $"the exporter type '{type}' is not supported yet"
                : $"there is no exporter type {exporter.Take("type")!.Describe}" + exporter.Findings.Suggest(type, Types));
        }
    }
}
