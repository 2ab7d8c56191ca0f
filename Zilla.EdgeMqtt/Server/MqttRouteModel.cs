using Zilla.Config.Bindings;
using Zilla.Edge.Guards;
using Zilla.Edge.Routing;

namespace Zilla.EdgeMqtt.Server;

/// <summary>A route of an mqtt server, compiled.</summary>
internal sealed class MqttRouteModel
{
    private readonly MqttRoute _route;
    private readonly Condition[] _when;

    /// <exception cref="FormatException">A pattern is malformed.</exception>
    public MqttRouteModel(MqttRoute route, MqttKafkaModel exit)
    {
        (_route, Exit) = (route, exit);
        _when = [.. route.When.Select(when => new Condition(
            [.. when.Session.Select(PathPattern.Compile)],
            [.. when.Publish.Select(topic => TopicPattern.Compile(topic.Topic, topic.Params))],
            [.. when.Subscribe.Select(topic => TopicPattern.Compile(topic.Topic, topic.Params))]))];
    }

    public MqttKafkaModel Exit { get; }

    /// <summary>Everything may be published and subscribed to.</summary>
    public bool IsOpen => _when.Length == 0;

    /// <summary>What may be published, and subscribed to, unless it is open.</summary>
    public IEnumerable<TopicPattern> Publish => _when.SelectMany(when => when.Publish);

    /// <inheritdoc cref="Publish"/>
    public IEnumerable<TopicPattern> Subscribe => _when.SelectMany(when => when.Subscribe);

    /// <summary>All of its guards have granted all of its roles.</summary>
    public bool Admits(Grants grants) => grants.Open(_route);

    /// <summary>Whether a client of that id may have its session there.</summary>
    public bool TakesSession(string clientId) =>
        IsOpen || _when.Any(when => when.Session.Length == 0 || when.Session.Any(pattern => pattern.IsMatch(clientId)));

    private sealed record Condition(PathPattern[] Session, TopicPattern[] Publish, TopicPattern[] Subscribe);
}
