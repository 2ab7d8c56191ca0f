using System.Diagnostics;
using System.Numerics;

namespace Zilla.Load;

/// <summary>Latencies in microseconds, exact to about 1.5 %: 64 buckets for each power of two. One writer; merge when it is done.</summary>
internal sealed class Histogram
{
    private const int Precision = 6;
    private const int Buckets = 2048; // up to about 35 minutes
    private readonly long[] _counts = new long[Buckets];

    public long Count { get; private set; }

    public void Record(long stopwatchTicks) => RecordMicroseconds((long)(stopwatchTicks * (1e6 / Stopwatch.Frequency)));

    public void RecordMicroseconds(long value)
    {
        _counts[Math.Min(BucketOf(Math.Max(0, value)), Buckets - 1)]++;
        Count++;
    }

    public void Add(Histogram other)
    {
        for (var i = 0; i < Buckets; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <summary>The highest value of the bucket in which the <paramref name="quantile"/> (0..1) lies, in microseconds; 0 when empty.</summary>
    public long Quantile(double quantile)
    {
        var wanted = (long)Math.Ceiling(quantile * Count);
        var seen = 0L;
        for (var i = 0; i < Buckets; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && seen > 0)
            {
                return UpperBound(i);
            }
        }

        return 0;
    }

    private static int BucketOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - Precision);
        return (shift << Precision) + (int)(value >> shift);
    }

    private static long UpperBound(int bucket)
    {
        var shift = Math.Max(0, (bucket >> Precision) - 1);
        return ((((long)bucket - ((long)shift << Precision)) + 1) << shift) - 1;
    }
}
