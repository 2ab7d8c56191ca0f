using System.Globalization;

namespace Zilla.EdgeGrpc.Messages;

/// <summary><c>grpc-timeout</c>: one to eight digits and a unit (gRPC over HTTP/2, "Requests").</summary>
/// <remarks><code>
/// 8 digits  H hour │ M minute │ S second │ m millisecond │ u microsecond │ n nanosecond
/// "100m" = 100 ms   "1S" = 1 s
/// </code></remarks>
internal static class CallTimeout
{
    private const int MostDigits = 8;

    /// <summary>What a timer can hold, some 49 days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>False when it is not of that form: such a call is refused, since its client would wait for something else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MostDigits + 1 || !uint.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        long? ticks = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,

            // A tick is 100 ns: rounded up, so that a timeout that is not zero does not become zero.
            'n' => 0,
            _ => null,
        };
        timeout = new TimeSpan(ticks switch
        {
            null => 0,
            0 => (value + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick,
            { } unit => value * unit,
        });
        return ticks is not null;
    }

    /// <summary>For a timer: what it cannot hold is as good as none.</summary>
    public static TimeSpan ForTimer(TimeSpan timeout) => timeout <= Longest ? timeout : Timeout.InfiniteTimeSpan;

    /// <summary>For a call to a service: the finest unit that eight digits have room for, rounded up. At most 99999999 hours.</summary>
    public static string Format(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 0);
        (char Name, long Ticks)[] units =
        [
            ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond), ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
        ];
        foreach (var (name, unit) in units)
        {
            var value = (ticks / unit) + (ticks % unit == 0 ? 0 : 1);
            if (value <= 99_999_999)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value}{name}");
            }
        }

        return "99999999H";
    }
}
