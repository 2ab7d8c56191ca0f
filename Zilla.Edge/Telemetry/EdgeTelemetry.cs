using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Zilla.Edge;

/// <summary>The activity source and the meter that all edges share, both named <c>Zilla.Edge</c>.</summary>
public static class EdgeTelemetry
{
    public const string Name = "Zilla.Edge";

    public static ActivitySource Activities { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);

    /// <summary>A span for what is asked of the cache, which goes on in the replica; null when nobody records.</summary>
    internal static Activity? StartCacheCall(string operation, string cluster, string topic) =>
        (Activities.HasListeners() ? Activities.StartActivity($"{operation} {topic}", ActivityKind.Client) : null)
            ?.SetTag("messaging.system", "kafka")
            .SetTag("messaging.operation.name", operation)
            .SetTag("messaging.destination.name", topic)
            .SetTag("zilla.cluster", cluster);

    internal static Counter<long> FeedRecords { get; } =
        Meter.CreateCounter<long>("zilla.edge.feed.records", "{record}", "Records that live feeds have brought.");

    internal static Counter<long> FeedOverflows { get; } =
        Meter.CreateCounter<long>("zilla.edge.feed.overflows", "{subscriber}", "Subscribers that fell behind a live feed and went back to history.");

    internal static UpDownCounter<long> Subscriptions { get; } =
        Meter.CreateUpDownCounter<long>("zilla.edge.subscriptions", "{subscriber}", "Open subscriptions to topics.");

    internal static Counter<long> Produced { get; } =
        Meter.CreateCounter<long>("zilla.edge.produced", "{record}", "Records acknowledged by the cache.");

    internal static Counter<long> NotProduced { get; } =
        Meter.CreateCounter<long>("zilla.edge.produce.errors", "{record}", "Records of pipes that were not acknowledged, by cause.");

    internal static Counter<long> Resent { get; } =
        Meter.CreateCounter<long>("zilla.edge.resent", "{record}", "Records sent to the cache again, because the way there was lost before they were acknowledged.");

    internal static UpDownCounter<long> Connections { get; } =
        Meter.CreateUpDownCounter<long>("zilla.edge.connections", "{connection}", "Open client connections.");

    internal static Counter<long> ConnectionsAccepted { get; } =
        Meter.CreateCounter<long>("zilla.edge.connections.accepted", "{connection}", "Client connections accepted.");

    internal static Counter<long> ConnectionsRefused { get; } =
        Meter.CreateCounter<long>("zilla.edge.connections.refused", "{connection}", "Client connections closed at once: too many.");

    internal static Counter<long> Refused { get; } =
        Meter.CreateCounter<long>("zilla.edge.refused", "{refusal}", "Requests and connections beyond a limit, by binding and limit.");

    internal static Counter<long> CredentialsRefused { get; } =
        Meter.CreateCounter<long>("zilla.edge.guards.refused", "{request}", "Credentials that guards have not accepted.");

    internal static Counter<long> PreamblesRefused { get; } =
        Meter.CreateCounter<long>("zilla.edge.proxy.refused", "{connection}", "Client connections closed for want of a good PROXY preamble, or of a route for it.");

    internal static Counter<long> HandshakesFailed { get; } =
        Meter.CreateCounter<long>("zilla.edge.tls.handshakes.failed", "{connection}", "Client connections closed during their TLS handshake.");
}
