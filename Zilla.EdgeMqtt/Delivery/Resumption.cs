using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Sends again what the client had not settled when it was here last, with the packet ids of that time and in that order (§4.4): PUBREL where PUBREC had come, else
/// PUBLISH with DUP. What cannot be had any more, or has expired, counts as settled; what the client answers before its turn is not sent.
/// </summary>
/// <param name="cache">Where messages are.</param>
/// <param name="cluster">Of Kafka.</param>
/// <param name="sender">The client.</param>
/// <param name="match">Which subscriptions a message of a topic of Kafka is for.</param>
/// <param name="restored">What the session had under way.</param>
internal sealed class Resumption(CacheClient cache, string cluster, ClientSender sender, Func<string, OutgoingMessage, MatchedFilters> match, IReadOnlyList<InFlight> restored)
{
    /// <summary>Messages that are fetched at a time, and how far apart in a partition they may lie to be fetched as one.</summary>
    private const int Step = 64, Gap = 256;

    private readonly MqttPropertiesBuilder _properties = new();
    private readonly InFlight[] _received = [.. restored.Where(e => e.IsReceived)];
    private readonly InFlight[] _sent = [.. restored.Where(e => !e.IsReceived)];

    public async Task SendAsync()
    {
        // First, for they may have taken the places that the others wait for.
        foreach (var received in _received)
        {
            sender.WriteRelease(received);
        }

        foreach (var step in _sent.Chunk(Step))
        {
            var records = new Dictionary<(string, int, long), KafkaRecord>();
            foreach (var partition in step.GroupBy(e => (e.Topic, e.Record.Partition)))
            {
                await FetchAsync(partition.Key.Topic, partition.Key.Partition, [.. partition.Select(e => e.Record.Offset).Order()], records);
            }

            foreach (var entry in step)
            {
                await SendAsync(entry, records);
            }
        }
    }

    private async Task SendAsync(InFlight entry, Dictionary<(string, int, long), KafkaRecord> records)
    {
        if (!records.TryGetValue((entry.Topic, entry.Record.Partition, entry.Record.Offset), out var record) || !TryTake(entry, record, out var outgoing))
        {
            sender.Settle(entry);
            return;
        }

        await sender.Window.Quota.TakeAsync(1, sender.Ended);

        // A client that answers before it is asked has had it: PUBLISH would be a message more.
        if (sender.Window.TryHold(entry) && !entry.IsReceived)
        {
            await sender.PublishAsync(outgoing, entry.PacketId, _properties, isDuplicate: true);
        }
    }

    private bool TryTake(InFlight entry, in KafkaRecord record, out Outgoing outgoing)
    {
        outgoing = default;
        if (record.IsTombstone || !OutgoingMessage.TryRead(record, out var message))
        {
            return false;
        }

        outgoing = new(entry.Topic, message, entry.QualityOfService, match(entry.Topic, message)) { IsRetained = entry.IsRetained };
        return sender.IsSendable(outgoing, _properties);
    }

    private async Task FetchAsync(string topic, int partition, long[] offsets, Dictionary<(string, int, long), KafkaRecord> records)
    {
        for (var first = 0; first < offsets.Length;)
        {
            var last = first;
            while (last + 1 < offsets.Length && offsets[last + 1] - offsets[last] <= Gap)
            {
                last++;
            }

            await FetchAsync(topic, partition, offsets[first], offsets[last], offsets, records);
            first = last + 1;
        }
    }

    private async Task FetchAsync(string topic, int partition, long first, long last, long[] wanted, Dictionary<(string, int, long), KafkaRecord> records)
    {
        var request = new FetchRequest(new(cluster, topic))
        {
            From = KafkaProgress.Of(partition, first),
            Bound = KafkaFetch.Types.Bound.Progress,
            Until = KafkaProgress.Of(partition, last + 1),
        };
        for (var delay = cache.NewRetryDelay(); ; await delay.WaitAsync(sender.Ended))
        {
            try
            {
                await using var reader = await cache.FetchAsync(request, sender.Ended);
                while (await reader.ReadAsync(sender.Ended) is (true, var record))
                {
                    if (record.Partition == partition && Array.BinarySearch(wanted, record.Offset) >= 0)
                    {
                        records[(topic, partition, record.Offset)] = record;
                    }
                }

                return;
            }
            catch (StreamBrokenException e) when (e.Cause is Cause.UnknownTopic)
            {
                return;
            }
            catch (StreamBrokenException)
            {
                // No replica for now, or none that has got so far: the client waits.
            }
        }
    }
}
