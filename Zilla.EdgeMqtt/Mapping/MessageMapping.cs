using System.Buffers;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Guards;
using Zilla.Edge.Routing;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Mapping;

/// <summary>
/// An mqtt-kafka binding, compiled: which topic of Kafka a message goes to, which ones a filter reads, and the record that a message becomes. Safe for several
/// threads; never changes.
/// </summary>
internal sealed class MessageMapping : IMessageTopics
{
    private const string Identity = "identity";

    private readonly string _cluster;
    private readonly TopicName _messages;
    private readonly TopicName[] _messagesAlone;
    private readonly byte[] _messagesUtf8;
    private readonly RoutePattern[] _clients;
    private readonly Route[] _routes;

    /// <param name="cluster">Where all its topics are.</param>
    /// <param name="binding">Its options and routes.</param>
    /// <exception cref="FormatException">An expression is unknown or names a parameter that is not bound.</exception>
    public MessageMapping(string cluster, MqttKafkaBinding binding)
    {
        _cluster = cluster;
        _messages = new(cluster, binding.Topics.Messages);
        _messagesAlone = [_messages];
        _messagesUtf8 = Encoding.UTF8.GetBytes(binding.Topics.Messages);
        Retained = new(cluster, binding.Topics.Retained);
        _clients = [.. binding.Clients.Select(filter => new RoutePattern(filter))];
        _routes = [.. binding.Routes.Select(route => new Route(route))];
    }

    private MessageMapping(MessageMapping all, Route[] routes)
    {
        (_cluster, _messages, _messagesAlone, _messagesUtf8, _clients, Retained) = (all._cluster, all._messages, all._messagesAlone, all._messagesUtf8, all._clients, all.Retained);
        _routes = routes;
    }

    public TopicName Retained { get; }

    /// <summary>For a client of these grants: without the routes that they do not open. Itself if they open all.</summary>
    public MessageMapping For(Grants grants) => Array.TrueForAll(_routes, route => route.Admits(grants)) ? this : new(this, [.. _routes.Where(route => route.Admits(grants))]);

    /// <summary>The topic of Kafka that takes messages of a topic: of the first route that does, else the default one. Null: what the route makes of it is no name of a topic.</summary>
    public string? MessagesOf(MqttString topic)
    {
        foreach (var route in _routes)
        {
            if (route.Publish(topic.Span, out var messages))
            {
                return messages;
            }
        }

        return _messages.Topic;
    }

    public IReadOnlyList<TopicName> Of(ReadOnlySpan<byte> filter)
    {
        List<TopicName>? topics = null;
        foreach (var route in _routes)
        {
            foreach (var messages in route.Subscribe(filter))
            {
                Add(new(_cluster, messages));
            }
        }

        if (topics is null)
        {
            // Nearly always, and kept with each subscription.
            return _messagesAlone;
        }

        Add(_messages);
        return topics;

        void Add(TopicName topic)
        {
            topics ??= [];
            if (!topics.Contains(topic))
            {
                topics.Add(topic);
            }
        }
    }

    /// <summary>Writes the record's key and headers as an encoded <c>KafkaDataEx</c>; the payload is its value.</summary>
    /// <param name="packet">With its topic.</param>
    /// <param name="clientId">Of who publishes, UTF-8.</param>
    /// <param name="tombstone">The value is null.</param>
    /// <param name="destination">Where to.</param>
    public void Encode(in PublishPacket packet, ReadOnlyMemory<byte> clientId, bool tombstone, IBufferWriter<byte> destination)
    {
        var (identity, hasIdentity) = (default(Range), false);
        foreach (var client in _clients)
        {
            if (client.Matches(packet.Topic.Span) && client.TryFind(packet.Topic.Span, Identity, out identity))
            {
                hasIdentity = true;
                break;
            }
        }

        new MessageEncoder(destination).Encode(packet, clientId.Span, ReplyTo(packet), hasIdentity ? packet.Topic.Span[identity] : default, hasIdentity, tombstone);
    }

    private ReadOnlySpan<byte> ReplyTo(in PublishPacket packet)
    {
        if (packet.Properties.IsEmpty || packet.Properties.ResponseTopic is not { } response)
        {
            return default;
        }

        var topic = MessagesOf(response);
        return topic == _messages.Topic ? _messagesUtf8 : Encoding.UTF8.GetBytes(topic ?? "");
    }

    private sealed class Route
    {
        private readonly MqttKafkaRoute _route;
        private readonly TopicTemplate _messages;
        private readonly RoutePattern[] _publish;
        private readonly RoutePattern[] _subscribe;

        public Route(MqttKafkaRoute route)
        {
            _route = route;

            // Without a condition it takes everything.
            _publish = Patterns(route, condition => condition.Publish);
            _subscribe = Patterns(route, condition => condition.Subscribe);
            _messages = TopicTemplate.Compile(route.Messages, [.. _publish.Concat(_subscribe).SelectMany(pattern => pattern.Names).Distinct()]);
        }

        public bool Admits(Grants grants) => grants.Open(_route);

        public bool Publish(ReadOnlySpan<byte> topic, out string? messages)
        {
            foreach (var pattern in _publish)
            {
                if (pattern.Matches(topic))
                {
                    messages = pattern.Bind(topic) is { } parameters ? _messages.Render(parameters) : null;
                    return true;
                }
            }

            messages = null;
            return false;
        }

        /// <summary>What a wildcard leaves open is not read: of all topics there might be, nobody knows which there are.</summary>
        public List<string> Subscribe(ReadOnlySpan<byte> filter)
        {
            var topics = new List<string>();
            foreach (var pattern in _subscribe)
            {
                if (pattern.Meets(filter) && pattern.Bind(filter) is { } parameters && _messages.Render(parameters) is { } messages)
                {
                    topics.Add(messages);
                }
            }

            return topics;
        }

        private static RoutePattern[] Patterns(MqttKafkaRoute route, Func<MqttKafkaCondition, IReadOnlyList<string>> filters) =>
            route.When.Count == 0 ? [new("#")] : [.. route.When.SelectMany(filters).Select(filter => new RoutePattern(filter))];
    }
}
