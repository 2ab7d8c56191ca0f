using System.Text;
using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Streams.Work;

namespace Zilla.KafkaCache.Work;

/// <summary>Reads calls from one topic, as an edge reads it: with credit, from memory, disk or Kafka.</summary>
internal sealed class CallReader
{
    private readonly WorkParts _parts;
    private readonly string _topic;
    private readonly CallPattern[] _patterns;
    private readonly KafkaFilter[] _filters;
    private readonly byte[] _service, _method, _correlationId;

    public CallReader(WorkParts parts, string topic)
    {
        (_parts, _topic) = (parts, topic);
        var correlation = parts.Plan.Correlation;
        (_service, _method, _correlationId) = (Encoding.UTF8.GetBytes(correlation.Service), Encoding.UTF8.GetBytes(correlation.Method), Encoding.UTF8.GetBytes(correlation.CorrelationId));
        _patterns = [.. parts.Plan.Conditions.Where(condition => condition.Topic == topic).Select(condition => new CallPattern(topic, condition.Key, condition.Headers.Append(new(correlation.ReplyTo, condition.ReplyTo)), condition.Method))];
        _filters = [.. _patterns.Select(FilterOf)];
    }

    /// <summary>Reads the partitions from where each is; returns when the stream has ended.</summary>
    /// <param name="partitions">Those of this replica.</param>
    /// <param name="isRenewed">Told of one whose offsets have begun anew.</param>
    /// <param name="cancellationToken">Others are this replica's now.</param>
    /// <exception cref="StreamBrokenException">It cannot be read now.</exception>
    public async Task ReadAsync(IReadOnlyDictionary<int, PartitionCalls> partitions, Action<PartitionCalls> isRenewed, CancellationToken cancellationToken)
    {
        var from = KafkaProgress.Create([.. partitions.Values.OrderBy(calls => calls.Partition).Select(calls => new PartitionOffset(calls.Partition, _parts.Group.Position(calls).Next))]);
        await using var stream = Open(new() { Bound = KafkaFetch.Types.Bound.Live, From = UnsafeByteOperations.UnsafeWrap(from.Encode()) });
        var reader = new KafkaReader(stream);
        var hasBegun = false;
        while (await reader.ReadAsync(cancellationToken) is var item && item.Kind != FrameKind.End)
        {
            if (item.Kind == FrameKind.Data && partitions.TryGetValue(item.Record.Partition, out var calls))
            {
                await AddAsync(calls, item.Record, cancellationToken);
            }
            else if (item.Kind == FrameKind.Flush && item.Progress is { } progress)
            {
                Pass(partitions, progress, hasBegun ? null : isRenewed);
                hasBegun = true;
            }
        }
    }

    /// <summary>Whether nothing lies between two offsets of a partition that is to be read: what no filter takes, and marks of transactions, are passed over in silence.</summary>
    public async Task<bool> IsNothingBetweenAsync(int partition, long next, long end, CancellationToken cancellationToken)
    {
        var (from, until) = (KafkaProgress.Create([new(partition, next)]), KafkaProgress.Create([new(partition, end)]));
        await using var stream = Open(new() { Bound = KafkaFetch.Types.Bound.Progress, Limit = 1, From = UnsafeByteOperations.UnsafeWrap(from.Encode()), Until = UnsafeByteOperations.UnsafeWrap(until.Encode()) });
        var reader = new KafkaReader(stream);
        try
        {
            while (true)
            {
                var item = await reader.ReadAsync(cancellationToken);
                if (item.Kind is FrameKind.Data or FrameKind.End)
                {
                    return item.Kind == FrameKind.End;
                }
            }
        }
        catch (StreamBrokenException)
        {
            // Kafka is away, or what lies there has not come yet.
            return false;
        }
    }

    private FrameStream Open(KafkaFetch fetch)
    {
        fetch.DefaultStart = KafkaFetch.Types.Start.Live;
        fetch.Filters.Add(_filters);
        return _parts.Topics.Open(new() { Kafka = new() { Cluster = _parts.Cluster.Plan.Name, Topic = _topic, Fetch = fetch } });
    }

    private void Pass(IReadOnlyDictionary<int, PartitionCalls> partitions, KafkaProgress progress, Action<PartitionCalls>? isRenewed)
    {
        foreach (var (partition, offset) in progress.Partitions)
        {
            if (partitions.TryGetValue(partition, out var calls))
            {
                if (offset < _parts.Group.Position(calls).Next)
                {
                    isRenewed?.Invoke(calls);
                }

                _parts.Group.PassTo(calls, offset);
            }
        }
    }

    private async Task AddAsync(PartitionCalls calls, KafkaRecord record, CancellationToken cancellationToken)
    {
        if (CallPattern.TargetOf(record, _service, _method) is not { } target)
        {
            if (!calls.IsConsumed(record.Offset))
            {
                _parts.Telemetry.Skipped.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", _topic));
            }
        }
        else if (Array.Exists(_patterns, pattern => pattern.Matches(_topic, record, target)))
        {
            if (record.TryGetHeader(_correlationId, out var id) && id.Value.Length > 0)
            {
                await _parts.Group.AddAsync(calls, record.Copy(), CallIds.Of(id.Value.Span), cancellationToken);
                return;
            }

            if (!calls.IsConsumed(record.Offset))
            {
                await _parts.DeadLetters.BuryAsync(_topic, [record], $"The record of a call has no header {_parts.Plan.Correlation.CorrelationId}", cancellationToken);
            }
        }

        _parts.Group.PassTo(calls, record.Offset + 1);
    }

    /// <summary>Without the method: records that name none are to be counted.</summary>
    private static KafkaFilter FilterOf(CallPattern pattern)
    {
        var filter = new KafkaFilter();
        if (pattern.Key is { } key)
        {
            filter.Key = UnsafeByteOperations.UnsafeWrap(key);
        }

        filter.Headers.Add(pattern.Headers.Select(header => new KafkaHeader { Name = Encoding.UTF8.GetString(header.Name.Span), Value = UnsafeByteOperations.UnsafeWrap(header.Value) }));
        return filter;
    }
}
