using Zilla.Config.Bindings;
using Zilla.Config.Loading;
using Zilla.Config.Telemetry;

namespace Zilla.Config.Validation;

/// <summary>No two listeners want one port of one address; a wildcard address takes the port of every other, and exporters listen on all.</summary>
internal sealed class PortsDoNotCollide : IConfigurationRule
{
    /// <summary>In all bindings together.</summary>
    private const int MostPorts = 100_000;

    private static readonly string[] Wildcards = ["0.0.0.0", "::", "[::]", "*"];

    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        // By port and host; under the host "" whoever has the port on any address, under "*" whoever has it on all.
        var taken = new Dictionary<(int Port, string Host), TcpServerBinding>();
        var count = 0;
        foreach (var binding in configuration.Bindings.Values.OfType<TcpServerBinding>())
        {
            var at = BindingGraph.PathOf(binding) / "options" / "port";
            if ((count += binding.Ports.Count) > MostPorts)
            {
                findings.Report(at, $"more than {MostPorts} ports in all");
                return;
            }

            var host = Wildcards.Contains(binding.Host) ? "*" : binding.Host.ToLowerInvariant();
            var reported = new HashSet<string>(StringComparer.Ordinal);
            foreach (var port in binding.Ports)
            {
                var other = taken.GetValueOrDefault((port, host)) ?? taken.GetValueOrDefault((port, host == "*" ? "" : "*"));
                if (other is not null && reported.Add(other.Name))
                {
                    findings.Report(at, ReferenceEquals(other, binding) ? $"port {port} is named twice" : $"port {port} is taken by '{other.Name}' already");
                }

                taken.TryAdd((port, host), binding);
                taken.TryAdd((port, ""), binding);
            }
        }

        foreach (var exporter in configuration.Telemetry.Exporters.OfType<PrometheusExporter>())
        {
            foreach (var (index, endpoint) in exporter.Endpoints.Index())
            {
                if (taken.TryGetValue((endpoint.Port, ""), out var other))
                {
                    findings.Report(
                        ConfigurationPath.Root / "telemetry" / "exporters" / exporter.Name / "options" / "endpoints" / index / "port", $"port {endpoint.Port} is taken by '{other.Name}' already");
                }
            }
        }
    }
}
