using Zilla.Edge.Guards;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Server;

/// <summary>What one client may publish and subscribe to: the routes that its grants open, with what they say of it filled in.</summary>
internal sealed class ClientRights
{
    private readonly TopicPattern[]? _publish;
    private readonly TopicPattern[]? _subscribe;

    private ClientRights(TopicPattern[]? publish, TopicPattern[]? subscribe) => (_publish, _subscribe) = (publish, subscribe);

    /// <summary>Everything.</summary>
    public static ClientRights All { get; } = new(null, null);

    private static ReadOnlySpan<byte> BrokersOwn => "$SYS"u8;

    /// <param name="routes">Those that the client may use.</param>
    /// <param name="grants">What it has been granted.</param>
    public static ClientRights Of(IReadOnlyCollection<MqttRouteModel> routes, Grants grants) => routes.Any(route => route.IsOpen)
        ? All
        : new(For(routes.SelectMany(route => route.Publish), grants), For(routes.SelectMany(route => route.Subscribe), grants));

    /// <summary>Nobody publishes to <c>$SYS</c>, whatever the routes say: it is where brokers speak of themselves (4.7.2).</summary>
    public bool MayPublish(MqttString topic) => !IsBrokersOwn(topic.Span) && Covers(_publish, topic);

    /// <param name="filter">Of a shared subscription that behind the share name.</param>
    public bool MaySubscribe(MqttString filter) => Covers(_subscribe, filter);

    private static TopicPattern[] For(IEnumerable<TopicPattern> patterns, Grants grants) => [.. patterns.Select(pattern => pattern.For(grants)).OfType<TopicPattern>()];

    private static bool Covers(TopicPattern[]? patterns, MqttString topic)
    {
        if (patterns is null)
        {
            return true;
        }

        foreach (var pattern in patterns)
        {
            if (pattern.Covers(topic.Span))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBrokersOwn(ReadOnlySpan<byte> topic) => topic.StartsWith(BrokersOwn) && (topic.Length == BrokersOwn.Length || topic[BrokersOwn.Length] == '/');
}
