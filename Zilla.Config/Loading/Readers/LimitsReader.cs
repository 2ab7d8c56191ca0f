using System.Globalization;
using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary><c>options.limits</c>: ours, Zilla has no such key (decision 20).</summary>
internal static class LimitsReader
{
    private const int MostRequests = 1_000_000;
    private static readonly TimeSpan ShortestPer = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPer = TimeSpan.FromHours(1);

    /// <summary>Of a tcp server; null if there are none.</summary>
    public static ConnectionLimits? Connections(MappingReader options)
    {
        if (options.Mapping("limits") is not { } limits)
        {
            return null;
        }

        var read = new ConnectionLimits
        {
            Connections = limits.Number("connections", 1, int.MaxValue),
            ConnectionsPerAddress = limits.Number("connections-per-address", 1, int.MaxValue),
        };
        limits.Finish();
        return read;
    }

    /// <summary>Of an http server; null if there are none.</summary>
    public static RequestLimits? Requests(MappingReader options)
    {
        if (options.Mapping("limits") is not { } limits)
        {
            return null;
        }

        var read = new RequestLimits
        {
            Rate = Rate(limits, "rate"),
            RatePerAddress = Rate(limits, "rate-per-address"),
            RatePerIdentity = Rate(limits, "rate-per-identity"),
            ConcurrentRequests = limits.Number("concurrent-requests", 1, int.MaxValue),
            EventStreams = limits.Number("event-streams", 1, int.MaxValue),
        };
        limits.Finish();
        return read;
    }

    /// <summary><c>{requests: 100, per: 1s, burst: 200}</c></summary>
    private static RateLimit? Rate(MappingReader limits, string key)
    {
        if (limits.Mapping(key) is not { } rate)
        {
            return null;
        }

        if (rate.Take("requests") is null)
        {
            rate.Findings.Report(rate.Path, "'requests' is missing");
        }

        var read = new RateLimit
        {
            Requests = rate.Number("requests", 1, MostRequests) ?? 1,
            Per = Per(rate) ?? ShortestPer,
            Burst = rate.Number("burst", 1, MostRequests),
        };
        rate.Finish();
        return read;
    }

    private static TimeSpan? Per(MappingReader rate)
    {
        if (rate.Text("per") is not { } text)
        {
            return null;
        }

        var unit = text.Length == 0 ? TimeSpan.Zero : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            _ => TimeSpan.Zero,
        };
        if (unit > TimeSpan.Zero && ushort.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count * unit is var per && per >= ShortestPer && per <= LongestPer)
        {
            return per;
        }

        rate.Findings.Report(rate.Path / "per", $"expected a time from 1s to 1h such as 1s, 30s or 5m, found {rate.Take("per")!.Describe}");
        return null;
    }
}
