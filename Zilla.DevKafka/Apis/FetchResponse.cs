using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

internal readonly record struct FetchResult(FetchPartition Partition, ErrorCode Error, long HighWatermark, long LastStableOffset, long StartOffset, LogSlice? Slice);

/// <summary>Writes a fetch response. The picture stands at <see cref="FetchApi"/>.</summary>
internal static class FetchResponse
{
    public static void Write(WireWriter w, short version, ErrorCode error, List<FetchResult> results)
    {
        w.Int32(0);
        if (version >= 7)
        {
            w.Error(error);
            w.Int32(0);
        }

        w.Array(results.GroupBy(r => r.Partition.Topic).ToList(), (t, topic) =>
        {
            t.String(topic.Key);
            t.Array(topic.ToList(), (p, result) => WritePartition(p, version, result));
            t.Tags();
        });
        w.Tags();
    }

    private static void WritePartition(WireWriter w, short version, FetchResult result)
    {
        w.Int32(result.Partition.Index);
        w.Error(result.Error);
        w.Int64(result.HighWatermark);
        w.Int64(result.LastStableOffset);
        if (version >= 5)
        {
            w.Int64(result.StartOffset);
        }

        w.Array(result.Slice?.Aborted ?? [], static (a, aborted) =>
        {
            a.Int64(aborted.ProducerId);
            a.Int64(aborted.FirstOffset);
            a.Tags();
        });
        if (version >= 11)
        {
            w.Int32(-1);
        }

        w.Bytes(result.Slice?.Bytes ?? ReadOnlyMemory<byte>.Empty);
        w.Tags();
    }
}
