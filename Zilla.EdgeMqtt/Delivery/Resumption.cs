using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Sends again what the client had not settled when it was here last, with the packet ids of that time and in that order (§4.4): PUBREL where PUBREC had come, else
/// PUBLISH with DUP. What cannot be had any more, or has expired, counts as settled.
/// </summary>
internal sealed class Resumption(CacheClient cache, string cluster, ClientSender sender, Func<string, OutgoingMessage, MatchedFilters> match)
{
    /// <summary>Messages that are fetched at a time, and how far apart in a partition they may lie to be fetched as one.</summary>
    private const int Step = 64, Gap = 256;

    private readonly MqttPropertiesBuilder _properties = new();

    public async Task SendAsync(IReadOnlyList<InFlight> entries)
    {
        // First, for they may have taken the places that the others wait for.
        foreach (var received in entries.Where(e => e.IsReceived))
        {
            sender.WriteRelease(received);
        }

        foreach (var step in entries.Where(e => !e.IsReceived).Chunk(Step))
        {
            var records = new Dictionary<(string, int, long), KafkaRecord>();
            foreach (var partition in step.GroupBy(e => (e.Topic, e.Record.Partition)))
            {
                await FetchAsync(partition.Key.Topic, partition.Key.Partition, [.. partition.Select(e => e.Record.Offset).Order()], records);
            }

            foreach (var entry in step)
            {
                if (records.TryGetValue((entry.Topic, entry.Record.Partition, entry.Record.Offset), out var record) && TryTake(entry, record, out var outgoing))
                {
                    await sender.Window.TakeSlotsAsync(1, sender.Ended);
                    entry.HasSlot = true;
                    await sender.PublishAsync(outgoing, entry.PacketId, _properties, isDuplicate: true);
                }
                else
                {
                    sender.Settle(entry);
                }
            }
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
