using System.IO.Enumeration;
using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>
/// An mqtt-kafka binding keeps sessions, messages and retained messages in different topics, messages of routes apart from sessions and retained ones, all
/// in one cluster that lets them through.
/// </summary>
internal sealed class MqttTopicsFit : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var binding in configuration.Bindings.Values.OfType<MqttKafkaBinding>())
        {
            foreach (var (topic, at) in AreApart(binding))
            {
                findings.Report(at, $"'{topic}' cannot be two topics at once: sessions, messages and retained messages each need their own");
            }

            var clusters = configuration.ClustersOf(binding).ToList();
            foreach (var (exit, at) in binding.Exits().Where(exit => configuration.Bindings.GetValueOrDefault(exit.Exit) is KafkaCacheClientBinding other && LeadsAway(other)))
            {
                findings.Report(at, $"an mqtt-kafka proxy that leads to more than one cluster ('{exit}' to another than its first exit) is not supported yet");
            }

            if (clusters is [var cluster, ..] && configuration.AllowedTopics(cluster) is { Count: > 0 } allowed)
            {
                var known = binding.NamedTopics().Concat(binding.RouteTopics()).Where(topic => topic.Name.Length > 0 && !Expression.In(topic.Name).Any());
                foreach (var (topic, at) in known.Where(topic => !allowed.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, topic.Name, ignoreCase: false))))
                {
                    findings.Report(at, $"the routes of the cluster '{cluster.Name}' do not let '{topic}' through: {string.Join(", ", allowed)}");
                }
            }

            bool LeadsAway(KafkaCacheClientBinding client) => configuration.Next(client).OfType<KafkaCacheServerBinding>().Any(server => server != clusters[0]);
        }
    }

    private static IEnumerable<(string Topic, ConfigurationPath At)> AreApart(MqttKafkaBinding binding)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (topic, at) in binding.NamedTopics().Where(topic => topic.Name.Length > 0 && !taken.Add(topic.Name)))
        {
            yield return (topic, at);
        }

        foreach (var (topic, at) in binding.RouteTopics().Where(topic => topic.Name.Length > 0 && (topic.Name == binding.Topics.Sessions || topic.Name == binding.Topics.Retained)))
        {
            yield return (topic, at);
        }
    }
}
