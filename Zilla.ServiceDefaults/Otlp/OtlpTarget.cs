using System.Net.Security;

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

    /// <summary>For https; null = as the operating system has it.</summary>
    public OtlpTls? Tls { get; init; }

    internal bool SaysTheSame(OtlpTarget other) =>
        this with { Attributes = other.Attributes, Tls = other.Tls } == other && Tls?.Identity == other.Tls?.Identity && Attributes.Count == other.Attributes.Count && !Attributes.Except(other.Attributes).Any();
}

/// <summary>How to speak to a collector over https.</summary>
/// <param name="Identity">Another once <paramref name="Options"/> would be.</param>
/// <param name="Options">Whom to trust, and what to show.</param>
public sealed record OtlpTls(string Identity, SslClientAuthenticationOptions Options);
