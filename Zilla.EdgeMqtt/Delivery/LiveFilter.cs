using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A subscription of one client, in the trees of one topic of Kafka.</summary>
internal sealed class LiveFilter(TopicClient client, FilterOptions options)
{
    public TopicClient Client { get; } = client;

    public FilterOptions Options { get; } = options;

    /// <summary>Records before this are older than the subscription; null: it is for all that its session has not had.</summary>
    public KafkaProgress? Since { get; set; }

    /// <summary>
    /// The feed may not have got as far as <see cref="Since"/>: the client subscribed at an edge that was ahead of this one. Else what is live comes after the subscription anyway, and nothing
    /// is compared: where the topic was made anew, the offsets of before mean nothing. The dispatcher's.
    /// </summary>
    public bool IsAhead { get; set; }

    /// <summary>Where the feed was when it was put in force: what is live comes from there on.</summary>
    public KafkaProgress InForce { get; set; } = KafkaProgress.Empty;

    /// <summary>The number of the last message that was live before it was put in force (<see cref="Recipients"/>).</summary>
    public long After { get; set; }

    /// <summary>Its retained messages are not all sent yet: live ones wait.</summary>
    public bool IsHeld { get; set; }

    /// <summary>In the tree of the topic.</summary>
    public TopicFilterTree<LiveFilter>.Place? Place { get; set; }

    /// <summary>In the tree of the client; null while that has none.</summary>
    public TopicFilterTree<LiveFilter>.Place? OwnPlace { get; set; }

    /// <summary>While a record is dispatched: another one of the same client that matches.</summary>
    public LiveFilter? NextMatch { get; set; }

    public bool IsOlderThan(int partition, long offset) => !(Since?[partition] > offset);

    /// <summary>Whether a message that is live now came after the subscription.</summary>
    public bool IsOlderThanLive(in OutgoingMessage message) => !IsAhead || IsOlderThan(message.Record.Partition, message.Record.Offset);

    /// <summary>Whether the client has published it, and does not want it back (§3.8.3.1).</summary>
    public bool IsOwn(in OutgoingMessage message) => Options.NoLocal && message.IsFrom(Client.ClientId.Span);
}
