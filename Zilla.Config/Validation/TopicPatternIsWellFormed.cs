using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>Topic filters in the routes of mqtt and mqtt-kafka are such; what they name, and nothing else, has <c>params</c>; those of <c>clients</c> name the identity.</summary>
internal sealed class TopicPatternIsWellFormed : IConfigurationRule
{
    private const string Identity = "identity";

    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var binding in configuration.Bindings.Values)
        {
            switch (binding)
            {
                case MqttServerBinding mqtt:
                    foreach (var (condition, at) in mqtt.Routes.SelectMany((route, index) => Conditions(route, BindingGraph.PathOf(mqtt, index))))
                    {
                        Check(condition, at, configuration, findings);
                    }

                    break;

                case MqttKafkaBinding mqtt:
                    foreach (var (filter, at) in mqtt.Routes.SelectMany((route, index) => Filters(route, BindingGraph.PathOf(mqtt, index))))
                    {
                        Check(filter, at / "topic", findings);
                    }

                    foreach (var (index, client) in mqtt.Clients.Index())
                    {
                        CheckClient(client, BindingGraph.PathOf(mqtt) / "options" / "clients" / index, findings);
                    }

                    break;
            }
        }
    }

    private static IEnumerable<(MqttTopicCondition Condition, ConfigurationPath At)> Conditions(MqttRoute route, ConfigurationPath at) => route.When.Index().SelectMany(when =>
        when.Item.Subscribe.Select((condition, index) => (condition, at / "when" / when.Index / "subscribe" / index))
            .Concat(when.Item.Publish.Select((condition, index) => (condition, at / "when" / when.Index / "publish" / index))));

    private static IEnumerable<(string Filter, ConfigurationPath At)> Filters(MqttKafkaRoute route, ConfigurationPath at) => route.When.Index().SelectMany(when =>
        when.Item.Subscribe.Select((filter, index) => (filter, at / "when" / when.Index / "subscribe" / index))
            .Concat(when.Item.Publish.Select((filter, index) => (filter, at / "when" / when.Index / "publish" / index))));

    private static IReadOnlyList<string> Check(string filter, ConfigurationPath at, Findings findings)
    {
        var names = TopicPattern.Parameters(filter, out var problem);
        if (problem is not null)
        {
            findings.Report(at, problem);
        }

        return names;
    }

    private static void Check(MqttTopicCondition condition, ConfigurationPath at, ZillaConfiguration configuration, Findings findings)
    {
        var names = Check(condition.Topic, at / "topic", findings);
        foreach (var (name, value) in condition.Params)
        {
            if (!names.Contains(name))
            {
                findings.Report(at / "params" / name, $"'{condition.Topic}' has no '{{{name}}}'" + findings.Suggest(name, names));
            }

            // One expression and nothing else, or a text.
            var inside = value.StartsWith("${", StringComparison.Ordinal) && value.EndsWith('}') ? value[2..^1] : null;
            var problem = inside is not null && GuardedExpression.TryParse(inside) is { } guarded ? ExpressionIsKnown.Problem(guarded, configuration, findings)
                : Expression.In(value).Any() ? "expected a text, or one expression such as ${guarded['g'].identity}"
                : null;
            if (problem is not null)
            {
                findings.Report(at / "params" / name, problem);
            }
        }
    }

    private static void CheckClient(string filter, ConfigurationPath at, Findings findings)
    {
        var names = TopicPattern.Parameters(filter, out var problem);
        problem ??= names is [Identity] ? null : $"expected a topic filter with '{{{Identity}}}' and no other parameter, such as place/{{{Identity}}}/#";
        if (problem is not null)
        {
            findings.Report(at, problem);
        }
    }
}
