using System.Text.Json.Serialization;

namespace Zilla.Config.Telemetry;

/// <summary>Reference §3.6.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "exporter")]
[JsonDerivedType(typeof(StdoutExporter), "stdout")]
[JsonDerivedType(typeof(PrometheusExporter), "prometheus")]
[JsonDerivedType(typeof(OtlpExporter), "otlp")]
public abstract record ExporterConfig
{
    public required string Name { get; init; }
}

/// <summary>Events (§3.8) as lines on the standard output of every service.</summary>
public sealed record StdoutExporter : ExporterConfig;

/// <summary>Metrics for whoever asks.</summary>
public sealed record PrometheusExporter : ExporterConfig
{
    public required IReadOnlyList<PrometheusEndpoint> Endpoints { get; init; }
}

/// <summary>Plain HTTP.</summary>
public sealed record PrometheusEndpoint
{
    public required int Port { get; init; }

    /// <summary>Starts with '/'.</summary>
    public string Path { get; init; } = "/metrics";
}

/// <summary>Sends metrics and logs to a collector, by OTLP over HTTP.</summary>
public sealed record OtlpExporter : ExporterConfig
{
    /// <summary>Between two exports of metrics; default 30 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    public bool Metrics { get; init; } = true;
    public bool Logs { get; init; } = true;

    /// <summary>Of metrics: the collector's location with the path for them.</summary>
    public required Uri MetricsUrl { get; init; }

    public required Uri LogsUrl { get; init; }

    /// <summary>The <c>authorization</c> header to send; a secret.</summary>
    public string? Authorization { get; init; }

    /// <summary>For https; null = as the machine is set up.</summary>
    public ClientTls? Tls { get; init; }

    /// <summary>Holds what <see cref="Tls"/> names.</summary>
    public string? Vault { get; init; }

    /// <summary>Says nothing secret: records are logged whole.</summary>
    public override string ToString() => $"otlp {Name}";
}
