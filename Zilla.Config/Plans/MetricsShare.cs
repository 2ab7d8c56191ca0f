using Zilla.Config.Bindings;
using Zilla.Config.Telemetry;

namespace Zilla.Config.Plans;

/// <summary>
/// Gives the ports of prometheus exporters to one edge: a scrape of a port that edges of two kinds had would be answered by either.
/// </summary>
internal static class MetricsShare
{
    private static readonly string[] Preference = [ServiceNames.EdgeHttp, ServiceNames.EdgeGrpc, ServiceNames.EdgeMqtt];

    /// <summary>What the exporters ask for; null if they are another service's, or if there are none.</summary>
    public static MetricsPlan? Of(ZillaConfiguration configuration, string service) =>
        configuration.Telemetry.Exporters.OfType<PrometheusExporter>().SelectMany(exporter => exporter.Endpoints).ToList() is { Count: > 0 } endpoints && EdgeOf(configuration) == service
            ? new() { Attributes = configuration.Telemetry.Attributes, Endpoints = endpoints }
            : null;

    /// <summary>The first that has something to do: listeners before calls in topics. Where none has, the HTTP edge.</summary>
    private static string EdgeOf(ZillaConfiguration configuration)
    {
        var listeners = configuration.Bindings.Values.OfType<TcpServerBinding>().ToList();
        return Preference.FirstOrDefault(edge => listeners.Any(tcp => ListenerShare.Of(configuration, tcp, edge) is not null))
            ?? (configuration.Bindings.Values.Any(binding => binding is KafkaGrpcBinding) ? ServiceNames.EdgeGrpc : ServiceNames.EdgeHttp);
    }
}
