namespace Zilla.Config.Telemetry;

/// <summary>Reference §1.1: <c>telemetry</c> of the file as a whole.</summary>
public sealed record TelemetryConfig
{
    /// <summary>Said of everything that is exported, such as <c>service.name</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>What may be measured, by full name, wildcards replaced by what they stand for; each binding says what is measured of it.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    public IReadOnlyList<ExporterConfig> Exporters { get; init; } = [];
}

/// <summary><c>telemetry</c> of one binding.</summary>
public sealed record BindingTelemetry
{
    /// <summary>By full name; those that <see cref="TelemetryConfig.Metrics"/> has too, which is what Zilla does with the others.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>Said of its metrics; values may hold expressions such as <c>${http.request.method}</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();
}
