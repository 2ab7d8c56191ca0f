using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.11.</summary>
internal static class MqttReader
{
    private static readonly string[] Versions = ["v3.1.1", "v5"];

    public static BindingConfig Server(BindingNode node)
    {
        var options = node.Options;

        // Who owns a session is Kafka's to say here; that the store exists is checked with the other names.
        options.Text("store");
        return new MqttServerBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Versions = options.Choices("versions", Versions),
            Authorization = MqttAuthorizationReader.Read(options),
            Topics = [.. options.Mappings("topics").Select(Models)],
            Limits = LimitsReader.Mqtt(options),
            Routes = [.. node.Routes.Select(Route)],
        };
    }

    private static MqttTopicModels Models(MappingReader topic)
    {
        topic.NotYet("content", "user-properties");
        var read = new MqttTopicModels
        {
            Name = topic.RequiredText("name"),
            Content = ModelReader.Read(topic, "content"),
            UserProperties = ModelReader.ReadMap(topic, "user-properties"),
        };
        topic.Finish();
        return read;
    }

    private static MqttRoute Route(RouteNode route)
    {
        route.Body.NotHere("is not for mqtt", "with");
        return new MqttRoute { Exit = route.Exit, Guarded = route.Guarded, When = [.. route.When.Select(Condition)] };
    }

    private static MqttCondition Condition(MappingReader when) => new()
    {
        Session =
        [
            .. when.Mappings("session").Select(session =>
            {
                var clientId = session.RequiredText("client-id");
                session.Finish();
                return clientId;
            }),
        ],
        Subscribe = [.. when.Mappings("subscribe").Select(Topic)],
        Publish = [.. when.Mappings("publish").Select(Topic)],
    };

    private static MqttTopicCondition Topic(MappingReader condition)
    {
        var read = new MqttTopicCondition { Topic = condition.RequiredText("topic"), Params = condition.TextMap("params") };
        condition.Finish();
        return read;
    }
}
