namespace Zilla.ServiceDefaults.Otlp;

/// <summary>A collector that is told by OTLP over HTTP while the service runs.</summary>
/// <param name="Metrics">Where metrics go; null = nowhere.</param>
/// <param name="Logs">Where the log goes; null = nowhere.</param>
/// <param name="Interval">Between two exports of metrics.</param>
/// <param name="Authorization">The header to send; a secret, null = none.</param>
/// <param name="Attributes">Of the resource, besides the service's name.</param>
public sealed record OtlpTarget(Uri? Metrics, Uri? Logs, TimeSpan Interval, string? Authorization, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Says nothing secret: records are logged whole.</summary>
    public override string ToString() => $"{Metrics} {Logs}";

    internal bool SaysTheSame(OtlpTarget other) =>
        this with { Attributes = other.Attributes } == other && Attributes.Count == other.Attributes.Count && !Attributes.Except(other.Attributes).Any();
}
