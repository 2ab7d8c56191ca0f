using System.Text.RegularExpressions;
using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>
/// Kafka's own rule for topic names: at most 249 of letters, digits, <c>.</c>, <c>_</c> and <c>-</c>. Expressions count as legal, <c>*</c> only
/// where a pattern is meant.
/// </summary>
internal sealed partial class TopicNameIsLegal : IConfigurationRule
{
    private const int Longest = 249;
    private const string Message = "a topic name has at most 249 letters, digits, '.', '_' and '-'";

    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var (topic, at) in TemplatedRoute.Of(configuration).SelectMany(route => route.Templates.Where(template => template.At is { Key: "topic" or "reply-to" or "messages", Parent.Key: "with" })))
        {
            Check(Expression().Replace(topic, "x"), at, findings);
        }

        foreach (var binding in configuration.Bindings.Values.OfType<MqttKafkaBinding>())
        {
            foreach (var (topic, at) in binding.NamedTopics())
            {
                Check(topic, at, findings);
            }
        }

        foreach (var (topic, at) in configuration.Bindings.Values.OfType<KafkaGrpcBinding>().SelectMany(binding => binding.NamedTopics()))
        {
            Check(topic, at, findings);
        }

        foreach (var binding in configuration.Bindings.Values.OfType<KafkaCacheServerBinding>())
        {
            for (var index = 0; index < binding.Bootstrap.Count; index++)
            {
                Check(binding.Bootstrap[index], BindingGraph.PathOf(binding) / "options" / "bootstrap" / index, findings);
            }
        }
    }

    private static void Check(string topic, ConfigurationPath at, Findings findings)
    {
        // Empty: reported as missing, or a variable that is not set.
        if (topic.Length > 0 && (topic.Length > Longest || topic is "." or ".." || !topic.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')))
        {
            findings.Report(at, Message);
        }
    }

    // An expression that is never closed is reported by another rule.
    [GeneratedRegex(@"\$\{[^}]*(\}|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Expression();
}
