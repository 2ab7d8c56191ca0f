using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A kafka client names its servers, or the tcp client that it leads to has host and port.</summary>
internal sealed class ClusterHasServers : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var client in configuration.Bindings.Values.OfType<KafkaClientBinding>())
        {
            if (configuration.ServersOf(client).Count == 0 && !configuration.Next(client).Any(next => next is UnsupportedBinding))
            {
                findings.Report(BindingGraph.PathOf(client), $"kafka client '{client.Name}' has no 'servers'");
            }
        }
    }
}
