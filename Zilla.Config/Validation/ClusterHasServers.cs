using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A kafka client names its servers, or the tcp client that it exits to has host and port.</summary>
internal sealed class ClusterHasServers : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var client in configuration.Bindings.Values.OfType<KafkaClientBinding>())
        {
            if (client.Servers.Count == 0 && !configuration.Next(client).Any(next => next is TcpClientBinding { Host: not null, Ports.Count: > 0 } or UnsupportedBinding))
            {
                findings.Report(BindingGraph.PathOf(client), $"kafka client '{client.Name}' has no 'servers'");
            }
        }
    }
}
