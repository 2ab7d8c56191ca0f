using System.IO.Enumeration;
using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A kafka-grpc binding begins at a kafka cache_client whose cluster lets its topics through, and reads nothing that it writes.</summary>
internal sealed class KafkaGrpcFits : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var binding in configuration.Bindings.Values.OfType<KafkaGrpcBinding>())
        {
            CheckEntry(configuration, binding, findings);
            var calls = binding.Routes.SelectMany(route => route.When).Select(when => when.Topic).ToHashSet(StringComparer.Ordinal);
            var allowed = configuration.ClusterOf(binding) is { } cluster ? configuration.AllowedTopics(cluster) : [];
            foreach (var (topic, at) in binding.NamedTopics().Where(topic => topic.Name.Length > 0))
            {
                if (at.Key != "topic" && calls.Contains(topic))
                {
                    findings.Report(at, $"calls are read from '{topic}': what is written there would be read as calls");
                }

                if (allowed.Count > 0 && !allowed.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, topic, ignoreCase: false)))
                {
                    findings.Report(at, $"the routes of the cluster '{configuration.ClusterOf(binding)!.Name}' do not let '{topic}' through: {string.Join(", ", allowed)}");
                }
            }
        }
    }

    private static void CheckEntry(ZillaConfiguration configuration, KafkaGrpcBinding binding, Findings findings)
    {
        var at = BindingGraph.PathOf(binding) / "entry";
        switch (configuration.Bindings.GetValueOrDefault(binding.Entry))
        {
            case null when binding.Entry.Length > 0:
                findings.Report(at, $"no binding is named '{binding.Entry}'" + findings.Suggest(binding.Entry, configuration.Bindings.Keys));
                break;
            case null or KafkaCacheClientBinding or UnsupportedBinding:
                break;
            case var other:
                findings.Report(at, $"a kafka-grpc remote_server cannot begin at '{binding.Entry}', a {other.TypeAndKind()}: expected {BindingGraph.TypeAndKind(typeof(KafkaCacheClientBinding))}");
                break;
        }
    }
}
