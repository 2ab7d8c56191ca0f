using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A cache_client leads to one cache_server and that to one kafka client. Zilla can split by topic; here that is not built yet.</summary>
internal sealed class ClusterIsUnambiguous : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var binding in configuration.Bindings.Values)
        {
            if (binding is not (KafkaCacheClientBinding or KafkaCacheServerBinding or KafkaClientBinding))
            {
                continue;
            }

            var first = binding.Exits().FirstOrDefault();
            foreach (var (exit, at) in binding.Exits().Where(exit => exit.Exit != first.Exit))
            {
                findings.Report(at, $"a {binding.TypeAndKind()} with more than one exit ('{first.Exit}' and '{exit}') is not supported yet");
            }

            if (binding is KafkaCacheServerBinding { Exit: null } server && server.Routes.SelectMany(route => route.Topics).Any())
            {
                foreach (var client in configuration.Next(server).OfType<KafkaClientBinding>())
                {
                    if (client.Exit is null && client.Routes.Count > 0 && client.Routes.All(route => route.Topics.Count > 0))
                    {
                        findings.Report(BindingGraph.PathOf(client) / "routes", $"topics limited by '{client.Name}' and by '{server.Name}' are not supported yet");
                    }
                }
            }
        }
    }
}
