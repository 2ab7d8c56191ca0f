using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>The Kafka client library asks each broker for the name that it dials: <c>sni</c> of a tls client may say so, and nothing else.</summary>
internal sealed class ServerNameIsDialled : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var client in configuration.Bindings.Values.OfType<KafkaClientBinding>())
        {
            List<string> hosts = [.. configuration.ServersOf(client).Select(server => server[..Math.Max(server.LastIndexOf(':'), 0)]).Distinct()];
            foreach (var tls in configuration.Next(client).OfType<TlsClientBinding>())
            {
                foreach (var (index, name) in tls.ServerNames.Index())
                {
                    if (hosts.Count > 0 && !hosts.Contains(name, StringComparer.OrdinalIgnoreCase))
                    {
                        findings.Report(BindingGraph.PathOf(tls) / "options" / "sni" / index,
                            $"'{name}' cannot be asked for: the Kafka client library asks each broker for its own name, here {string.Join(", ", hosts)}");
                    }
                }
            }
        }
    }
}
