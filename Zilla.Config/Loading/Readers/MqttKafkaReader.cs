using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.12.</summary>
internal static class MqttKafkaReader
{
    public static BindingConfig Proxy(BindingNode node)
    {
        var options = node.Options;

        // Clients need no other server to be told of: whichever edge they come to finds the owner of their session.
        options.Text("server");
        options.Text("store");
        var publish = options.Mapping("publish");
        var binding = new MqttKafkaBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Topics = Topics(options),
            Clients = options.Texts("clients"),
            MaxPublishQos = publish?.Choice("qosMax", ("at_most_once", MqttQos.AtMostOnce), ("at_least_once", MqttQos.AtLeastOnce), ("exactly_once", MqttQos.ExactlyOnce))
                ?? MqttQos.ExactlyOnce,
            Routes = [.. node.Routes.Select(Route)],
        };
        publish?.Finish();
        return binding;
    }

    private static MqttKafkaTopics Topics(MappingReader options)
    {
        if (options.Mapping("topics") is not { } topics)
        {
            if (options.Take("topics") is null)
            {
                options.Findings.Report(options.Path, "'topics' is missing");
            }

            return new MqttKafkaTopics { Sessions = "", Messages = "", Retained = "" };
        }

        var read = new MqttKafkaTopics { Sessions = topics.RequiredText("sessions"), Messages = topics.RequiredText("messages"), Retained = topics.RequiredText("retained") };
        topics.Finish();
        return read;
    }

    private static MqttKafkaRoute Route(RouteNode route)
    {
        if (route.Body.Take("with") is null)
        {
            route.Body.Findings.Report(route.Body.Path, "'with' is missing");
        }

        return new MqttKafkaRoute
        {
            Exit = route.Exit,
            Guarded = route.Guarded,
            When = [.. route.When.Select(when => new MqttKafkaCondition { Publish = Filters(when, "publish"), Subscribe = Filters(when, "subscribe") })],
            Messages = route.Body.Take("with") is null ? "" : route.With.RequiredText("messages"),
        };
    }

    private static IReadOnlyList<string> Filters(MappingReader when, string capability) =>
    [
        .. when.Mappings(capability).Select(condition =>
        {
            var topic = condition.RequiredText("topic");
            condition.Finish();
            return topic;
        }),
    ];
}
