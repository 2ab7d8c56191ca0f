using System.Globalization;
using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary><c>options.limits</c>: ours, Zilla has no such key (decision 20).</summary>
internal static class LimitsReader
{
    private const int MostRequests = 1_000_000;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPer = TimeSpan.FromHours(1);

    /// <summary>MQTT counts it in seconds, in two bytes.</summary>
    private static readonly TimeSpan LongestKeepAlive = TimeSpan.FromSeconds(ushort.MaxValue);

    private static readonly TimeSpan LongestExpiry = TimeSpan.FromDays(36500);

    /// <summary>A CONNECT with a will of its own fits into it.</summary>
    private const int SmallestPacket = 1024;

    /// <summary>The largest that MQTT can say.</summary>
    private const int LargestPacket = 268_435_460;

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

    /// <summary>Of an mqtt server; what is absent has its default.</summary>
    public static MqttLimits Mqtt(MappingReader options)
    {
        if (options.Mapping("limits") is not { } limits)
        {
            return new MqttLimits();
        }

        var read = new MqttLimits
        {
            Clients = limits.Number("clients", 1, int.MaxValue),
            Rate = Rate(limits, "rate", "publishes"),
            RatePerAddress = Rate(limits, "rate-per-address", "publishes"),
            RatePerIdentity = Rate(limits, "rate-per-identity", "publishes"),
            Packet = limits.Number("packet", SmallestPacket, LargestPacket) ?? MqttLimits.DefaultPacket,
            ReceiveMaximum = limits.Number("receive-maximum", 1, ushort.MaxValue) ?? MqttLimits.DefaultReceiveMaximum,
            TopicAliases = limits.Number("topic-aliases", 0, ushort.MaxValue) ?? MqttLimits.DefaultTopicAliases,
            KeepAlive = Time(limits, "keep-alive", LongestKeepAlive, "1s to 65535s such as 60s, 5m or 1h"),
            SessionExpiry = Time(limits, "session-expiry", LongestExpiry, "1s to 36500d such as 5m, 24h or 30d"),
        };
        limits.Finish();
        return read;
    }

    /// <summary><c>{requests: 100, per: 1s, burst: 200}</c></summary>
    private static RateLimit? Rate(MappingReader limits, string key, string counted = "requests")
    {
        if (limits.Mapping(key) is not { } rate)
        {
            return null;
        }

        if (rate.Take(counted) is null)
        {
            rate.Findings.Report(rate.Path, $"'{counted}' is missing");
        }

        var read = new RateLimit
        {
            Requests = rate.Number(counted, 1, MostRequests) ?? 1,
            Per = Time(rate, "per", LongestPer, "1s to 1h such as 1s, 30s or 5m") ?? Shortest,
            Burst = rate.Number("burst", 1, MostRequests),
        };
        rate.Finish();
        return read;
    }

    /// <summary>A whole number with its unit, such as <c>30s</c>; null if absent or not from one second to <paramref name="longest"/>.</summary>
    private static TimeSpan? Time(MappingReader reader, string key, TimeSpan longest, string expected)
    {
        if (reader.Text(key) is not { } text)
        {
            return null;
        }

        var unit = text.Length == 0 ? TimeSpan.Zero : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        if (unit > TimeSpan.Zero && ushort.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count * unit is var time && time >= Shortest && time <= longest)
        {
            return time;
        }

        reader.Findings.Report(reader.Path / key, $"expected a time from {expected}, found {reader.Take(key)!.Describe}");
        return null;
    }
}
