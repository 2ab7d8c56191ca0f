using System.Diagnostics.Metrics;
using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

/// <summary>Meter "Zilla.Streams". Counted per batch, never per frame.</summary>
internal static class LaneMetrics
{
    private static readonly Meter Meter = new("Zilla.Streams");
    private static readonly UpDownCounter<int> Lanes = Meter.CreateUpDownCounter<int>("zilla.streams.lanes", "{lane}", "Lanes open.");
    private static readonly UpDownCounter<int> Open = Meter.CreateUpDownCounter<int>("zilla.streams.open", "{stream}", "Streams open.");
    private static readonly Counter<long> Batches = Meter.CreateCounter<long>("zilla.streams.batches", "{batch}", "Batches moved.");
    private static readonly Counter<long> Frames = Meter.CreateCounter<long>("zilla.streams.frames", "{frame}", "Frames moved.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("zilla.streams.bytes", "By", "Bytes of batches moved.");
    private static readonly Counter<long> Resets = Meter.CreateCounter<long>("zilla.streams.resets", "{stream}", "Streams reset by this side, by cause.");

    private static readonly KeyValuePair<string, object?> In = new("direction", "in");
    private static readonly KeyValuePair<string, object?> Out = new("direction", "out");
    private static readonly KeyValuePair<string, object?>[] Causes = [.. Enumerable.Range(0, (int)Cause.ShuttingDown + 1).Select(c => new KeyValuePair<string, object?>("cause", ((Cause)c).ToString()))];

    public static void LaneOpened() => Lanes.Add(1);

    public static void LaneClosed() => Lanes.Add(-1);

    public static void StreamOpened() => Open.Add(1);

    public static void StreamsClosed(int count) => Open.Add(-count);

    public static void Received(int frames, int bytes) => Moved(In, frames, bytes);

    public static void Sent(int frames, int bytes) => Moved(Out, frames, bytes);

    public static void Reset(Cause cause) => Resets.Add(1, Causes[(uint)cause < (uint)Causes.Length ? (int)cause : (int)Cause.Internal]);

    private static void Moved(KeyValuePair<string, object?> direction, int frames, int bytes)
    {
        Batches.Add(1, direction);
        Frames.Add(frames, direction);
        Bytes.Add(bytes, direction);
    }
}
