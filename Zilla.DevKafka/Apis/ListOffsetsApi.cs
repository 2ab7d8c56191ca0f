using Zilla.DevKafka.Log;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// ListOffsets v1-7, flexible from 6. Timestamps: -1 latest, -2 earliest, (v7+) -3 the record with the largest timestamp, else the first record of that time or later.
/// For a read_committed reader the log ends at its last stable offset.
/// <code>
/// request:  replica | (v2+) isolation | [topic, [partition, (v4+) leader epoch, timestamp]]
/// response: (v2+) throttle ms | [topic, [partition, error, timestamp, offset, (v4+) leader epoch]]
/// </code>
/// </summary>
internal sealed class ListOffsetsApi(TopicStore topics) : IApi
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;

    public ApiVersionRange Versions { get; } = new(ApiKey.ListOffsets, 1, 7, 6);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (request, version) = (call.Request, call.Version);
        request.Int32();
        var committed = version >= 2 && request.Int8() == FetchRequest.ReadCommitted;
        var asked = request.Array(t =>
        {
            var topic = t.String();
            var partitions = t.Array(p =>
            {
                var index = p.Int32();
                _ = version >= 4 ? p.Int32() : 0;
                var timestamp = p.Int64();
                p.Tags();
                return (Index: index, Timestamp: timestamp);
            });
            t.Tags();
            return (Topic: topic, Partitions: partitions);
        });

        if (version >= 2)
        {
            call.Response.Int32(0);
        }

        call.Response.Array(asked, (w, t) =>
        {
            w.String(t.Topic);
            w.Array(t.Partitions, (p, asked) => Answer(p, version, asked.Index, asked.Timestamp, topics.Partition(t.Topic, asked.Index), committed));
            w.Tags();
        });
        call.Response.Tags();
        return ValueTask.CompletedTask;
    }

    private static void Answer(WireWriter w, short version, int index, long timestamp, PartitionLog? log, bool committed)
    {
        var end = (committed ? log?.LastStableOffset : log?.NextOffset) ?? -1;
        var found = log is null ? TimedOffset.None : timestamp switch
        {
            Latest => new(-1, end),
            Earliest => new(-1, log.StartOffset),
            MaxTimestamp => Before(end, log.FindMaxTimestamp()),
            _ => Before(end, log.FindTimestamp(timestamp)),
        };
        w.Int32(index);
        w.Error(log is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        w.Int64(found.Timestamp);
        w.Int64(found.Offset);
        if (version >= 4)
        {
            w.Int32(found.Offset < 0 ? -1 : 0);
        }

        w.Tags();
    }

    private static TimedOffset Before(long end, TimedOffset found) => found.Offset < end ? found : TimedOffset.None;
}
