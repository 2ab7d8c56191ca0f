using System.Text;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>
/// Keys of the sessions topic. All of a session begin with its client id, which has no <c>#</c>, and lie in the partition that murmur2 of it gives; those of a
/// shared subscription in that of <c>$share/{name}/{filter}</c>.
/// </summary>
internal static class SessionKeys
{
    /// <summary>Names what a record is, for who looks for all of a kind; a header of the reference's.</summary>
    public const string TypeHeader = "type";

    public const string WillSignal = "will-signal";
    public const string ExpirySignal = "expiry-signal";

    /// <summary>Ours.</summary>
    public const string ShareProgress = "share-progress";

    /// <summary>Subscriptions: <see cref="SubscriptionsRecord"/>.</summary>
    public static byte[] State(string clientId) => Encoding.UTF8.GetBytes(clientId);

    /// <summary>When the will is due: <see cref="WillSignalRecord"/>.</summary>
    public static byte[] Will(string clientId) => Of(clientId, "will");

    /// <summary>What is to be published: <see cref="WillMessageRecord"/>.</summary>
    public static byte[] WillMessage(string clientId, string lifetimeId) => Of(clientId, $"will-{lifetimeId}");

    /// <summary>When the session ends: <see cref="ExpirySignalRecord"/>.</summary>
    public static byte[] Expiry(string clientId) => Of(clientId, "expiry");

    /// <summary>Packet ids as the reference has them, only read: <see cref="OffsetsRecord"/>.</summary>
    public static byte[] Offsets(string clientId) => Of(clientId, "offsets");

    /// <summary>Ours: what the client has been sent: <see cref="ProgressRecord"/>.</summary>
    public static byte[] Progress(string clientId) => Of(clientId, "progress");

    /// <summary>Ours: packet ids of QoS 2 publishes that wait for PUBREL: <see cref="ReceivedRecord"/>.</summary>
    public static byte[] Received(string clientId) => Of(clientId, "received");

    /// <summary>Ours: how far a shared subscription has got in a topic of Kafka: <see cref="ProgressRecord"/>.</summary>
    public static byte[] Group(string name, string filter, string topic) => Encoding.UTF8.GetBytes($"$share/{name}/{filter}#group-{topic}");

    private static byte[] Of(string clientId, string what) => Encoding.UTF8.GetBytes($"{clientId}#{what}");
}
