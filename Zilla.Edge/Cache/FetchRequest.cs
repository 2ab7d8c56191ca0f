using System.Diagnostics;
using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>What a fetch stream is to deliver; see kafka.proto.</summary>
public sealed record FetchRequest(TopicName Topic)
{
    /// <summary>Where to start; offsets below 0 count as not named.</summary>
    public KafkaProgress From { get; init; } = KafkaProgress.Empty;

    public KafkaFetch.Types.Start DefaultStart { get; init; } = KafkaFetch.Types.Start.Historical;
    public KafkaFetch.Types.Bound Bound { get; init; } = KafkaFetch.Types.Bound.End;

    /// <summary>With <see cref="KafkaFetch.Types.Bound.Progress"/>.</summary>
    public KafkaProgress Until { get; init; } = KafkaProgress.Empty;

    /// <summary>None: every record.</summary>
    public IReadOnlyList<RecordFilter> Filters { get; init; } = [];

    /// <summary>The stream ends after so many records; 0 = no limit.</summary>
    public int Limit { get; init; }

    /// <summary>What the answer must know of, waiting for it if need be: read your writes.</summary>
    public KafkaProgress After { get; init; } = KafkaProgress.Empty;

    /// <summary>The answer must know of all that is in Kafka by now, whoever wrote it, as far as Kafka can be asked.</summary>
    public bool Current { get; init; }

    internal Begin ToBegin()
    {
        var fetch = new KafkaFetch { DefaultStart = DefaultStart, Bound = Bound, Limit = (uint)Limit, Current = Current };
        if (From.Partitions.Length > 0)
        {
            fetch.From = UnsafeByteOperations.UnsafeWrap(Named(From).Encode());
        }

        if (After.Partitions.Length > 0)
        {
            fetch.After = UnsafeByteOperations.UnsafeWrap(After.Encode());
        }

        if (Bound == KafkaFetch.Types.Bound.Progress)
        {
            fetch.Until = UnsafeByteOperations.UnsafeWrap(Until.Encode());
        }

        foreach (var filter in Filters)
        {
            fetch.Filters.Add(filter.ToMessage());
        }

        return new Begin { Kafka = new KafkaBeginEx { Cluster = Topic.Cluster, Topic = Topic.Topic, Fetch = fetch } }.WithTrace(Activity.Current);
    }

    private static KafkaProgress Named(KafkaProgress progress)
    {
        foreach (var (_, offset) in progress.Partitions)
        {
            if (offset < 0)
            {
                return KafkaProgress.Create([.. progress.Partitions.ToArray().Where(p => p.Offset >= 0)]);
            }
        }

        return progress;
    }
}
