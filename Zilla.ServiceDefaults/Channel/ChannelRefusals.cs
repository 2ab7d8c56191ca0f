using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Zilla.ServiceDefaults.Channel;

/// <summary>Counts every refused call (<c>zilla.channel.refusals</c>), and says so in the log, but not each time.</summary>
internal sealed partial class ChannelRefusals : IDisposable
{
    /// <summary>The shortest time between two messages.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Meter _meter;
    private readonly Counter<long> _refusals;
    private readonly TimeProvider _time;
    private readonly ILogger<ChannelRefusals> _logger;
    private readonly Lock _gate = new();
    private long? _told;
    private long _untold;

    public ChannelRefusals(IMeterFactory meters, TimeProvider time, ILogger<ChannelRefusals> logger)
    {
        (_time, _logger) = (time, logger);
        _meter = meters.Create("Zilla.Channel");
        _refusals = _meter.CreateCounter<long>("zilla.channel.refusals", "{call}", "Calls refused for lack of the channel's key, by what was wrong with it");
    }

    /// <param name="context">Of the call.</param>
    /// <param name="key">"missing" or "wrong".</param>
    public void Add(HttpContext context, string key)
    {
        _refusals.Add(1, new KeyValuePair<string, object?>("key", key));
        long count;
        lock (_gate)
        {
            _untold++;
            if (_told is { } told && _time.GetElapsedTime(told) < Pause)
            {
                return;
            }

            (count, _told, _untold) = (_untold, _time.GetTimestamp(), 0);
        }

        // Not the path, which a stranger chose.
        Refused(_logger, count, context.GetEndpoint()?.DisplayName, context.Connection.RemoteIpAddress?.ToString(), key);
    }

    public void Dispose() => _meter.Dispose();

    [LoggerMessage(1, LogLevel.Warning, "Refused calls since this was last said: {Count}. The latest, {Endpoint} from {Peer}: its key is {Key}; Zilla:Channel:Key has to be the same for every service of a suite", EventName = "ChannelRefused")]
    private static partial void Refused(ILogger logger, long count, string? endpoint, string? peer, string key);
}
