using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

internal readonly record struct FetchPartition(string Topic, int Index, long Offset, int MaxBytes);

/// <summary>A fetch request, flattened to its partitions in the order asked for. The picture stands at <see cref="FetchApi"/>.</summary>
internal sealed record FetchRequest(int MaxWaitMs, int MinBytes, int MaxBytes, bool Committed, int SessionId, List<FetchPartition> Partitions)
{
    /// <summary>The isolation level of a reader that wants committed records only.</summary>
    public const sbyte ReadCommitted = 1;

    public static FetchRequest Read(WireReader r, short version)
    {
        r.Int32();
        var maxWait = r.Int32();
        var minBytes = r.Int32();
        var maxBytes = r.Int32();
        var committed = r.Int8() == ReadCommitted;
        var session = 0;
        if (version >= 7)
        {
            session = r.Int32();
            r.Int32();
        }

        var partitions = new List<FetchPartition>();
        r.Array(t =>
        {
            var topic = t.String();
            t.Array(p =>
            {
                var index = p.Int32();
                _ = version >= 9 ? p.Int32() : 0;
                var offset = p.Int64();
                _ = version >= 12 ? p.Int32() : 0;
                _ = version >= 5 ? p.Int64() : 0;
                partitions.Add(new(topic, index, offset, p.Int32()));
                p.Tags();
                return 0;
            });
            t.Tags();
            return 0;
        });
        return new(maxWait, minBytes, maxBytes, committed, session, partitions);
    }
}
