using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Which retained messages are not to be sent as such, because their topics have messages to come that were published as retained ones too: they are among those, or were before them.
/// Sent ahead of them, they would turn a publisher's order round [MQTT-4.6.0-6].
/// </summary>
/// <remarks>
/// <code>
/// messages topic   ── sent ── │ next for the client ────── to come ────── │ all that Kafka has after the retained messages were read
/// </code>
/// A message is written into its messages topic before it is into that of retained ones. So of what was read there, all that the client has not been sent lies in between, and nothing has to
/// be known of what lies behind: whatever that has is newer.
/// </remarks>
internal sealed class RetainedToCome(CacheClient cache, IEnumerable<LiveFilter> filters, CancellationToken ended)
{
    private static readonly RecordHeader Retained = new(HeaderNames.Retain.ToArray(), "1"u8.ToArray());

    private readonly ILookup<TopicClient, LiveFilter> _filters = filters.ToLookup(filter => filter.Client);

    /// <summary>The topics among those that <paramref name="messages"/> have.</summary>
    /// <exception cref="StreamBrokenException">That cannot be said now.</exception>
    public async Task<IReadOnlySet<MqttString>> OfAsync(IReadOnlyCollection<Outgoing> messages)
    {
        HashSet<MqttString> missing = [.. messages.Select(message => message.Message.Topic)];
        HashSet<MqttString> found = [];
        foreach (var client in _filters)
        {
            await FindAsync(client.Key, client, missing, found);
        }

        return found;
    }

    private async Task FindAsync(TopicClient client, IEnumerable<LiveFilter> filters, HashSet<MqttString> missing, HashSet<MqttString> found)
    {
        await (client.Cursor?.Sent ?? Task.CompletedTask).WaitAsync(ended);
        var live = Lowest(filters.Select(filter => filter.InForce));
        var queued = client.Cursor?.Next ?? live;
        var request = new FetchRequest(client.Topic)
        {
            From = Lowest([live, queued]),
            Current = true,
            Filters = [.. missing.Select(topic => new RecordFilter(topic.Utf8, [Retained]))],
        };
        try
        {
            await using var reader = await cache.FetchAsync(request, ended);
            while (missing.Count > 0 && await reader.ReadAsync(ended) is (true, var record))
            {
                if (OutgoingMessage.TryRead(record, out var message) && missing.Contains(message.Topic) && IsToCome(client, message, live, queued))
                {
                    missing.Remove(message.Topic);
                    found.Add(message.Topic);
                }
            }
        }
        catch (StreamBrokenException e) when (e.Cause == Cause.UnknownTopic)
        {
            // Nothing comes from there.
        }
    }

    private static bool IsToCome(TopicClient client, in OutgoingMessage message, KafkaProgress live, KafkaProgress queued)
    {
        var matched = client.Match(message);
        var isQueued = message.QualityOfService != QualityOfService.AtMostOnce && matched.Granted != QualityOfService.AtMostOnce;
        return matched.Any && message.Record.Offset >= ((isQueued ? queued : live)[message.Record.Partition] ?? 0);
    }

    /// <summary>A partition that one of them does not name is new: it counts from its beginning.</summary>
    private static KafkaProgress Lowest(IEnumerable<KafkaProgress> progresses)
    {
        KafkaProgress[] all = [.. progresses];
        var lowest = new ProgressVector();
        foreach (var (partition, _) in all[0].Partitions)
        {
            lowest.Set(partition, Math.Max(0, all.Min(progress => progress[partition] ?? 0)));
        }

        return lowest.ToProgress();
    }
}
