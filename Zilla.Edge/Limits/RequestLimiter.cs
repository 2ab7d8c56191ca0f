using System.Net;
using Zilla.Config.Bindings;
using Zilla.Edge.Guards;

namespace Zilla.Edge.Limits;

/// <summary>
/// The limits of an http server, compiled. A request first enters, then says who its client is, then may become an event stream; whatever it has entered
/// it leaves.
/// </summary>
public sealed class RequestLimiter
{
    private const long ShortestWait = 1;

    private readonly RequestLimits _limits;
    private readonly RequestUse _use;
    private readonly TimeProvider _time;
    private readonly Rate _all;
    private readonly Rate _perAddress;
    private readonly Rate _perIdentity;

    internal RequestLimiter(RequestLimits limits, RequestUse use, TimeProvider time)
    {
        (_limits, _use, _time) = (limits, use, time);
        _all = Compile(limits.Rate);
        _perAddress = Compile(limits.RatePerAddress);
        _perIdentity = Compile(limits.RatePerIdentity);
    }

    /// <summary>Counts a request as one under way, until <see cref="Leave"/>. Who exceeds their own rate uses up nothing of everybody's.</summary>
    public bool TryEnter(IPAddress? client, out LimitRefusal refusal)
    {
        refusal = default;
        var (now, wait) = (_time.GetTimestamp(), 0L);
        if (_limits.RatePerAddress is not null && !_use.Addresses.TryTake(ClientKey.Of(client), _perAddress, now, out wait))
        {
            refusal = Refuse(RequestLimit.RatePerAddress, wait);
            return false;
        }

        if (_limits.Rate is not null && !_use.All.TryTake(_all, now, out wait))
        {
            refusal = Refuse(RequestLimit.Rate, wait);
            return false;
        }

        if (!_use.Requests.TryTake(_limits.ConcurrentRequests))
        {
            refusal = Refuse(RequestLimit.ConcurrentRequests, 0);
            return false;
        }

        return true;
    }

    public void Leave() => _use.Requests.Give();

    /// <summary>Counts a request as one of its client's; who has no identity has only an address.</summary>
    public bool TryIdentify(Grants grants, out LimitRefusal refusal)
    {
        ArgumentNullException.ThrowIfNull(grants);
        refusal = default;
        if (_limits.RatePerIdentity is not null && grants.Named is { } grant
            && !_use.Identities.TryTake(ClientKey.Of(grant), _perIdentity, _time.GetTimestamp(), out var wait))
        {
            refusal = Refuse(RequestLimit.RatePerIdentity, wait);
            return false;
        }

        return true;
    }

    /// <summary>A request that has entered counts as an event stream instead, until <see cref="LeaveStream"/>, which takes the place of <see cref="Leave"/>.</summary>
    public bool TryOpenStream(out LimitRefusal refusal)
    {
        refusal = default;
        if (!_use.Streams.TryTake(_limits.EventStreams))
        {
            refusal = Refuse(RequestLimit.EventStreams, 0);
            return false;
        }

        _use.Requests.Give();
        return true;
    }

    public void LeaveStream() => _use.Streams.Give();

    private LimitRefusal Refuse(RequestLimit limit, long wait)
    {
        _use.Refused(limit);
        return new LimitRefusal(limit, Math.Max(ShortestWait, (wait + _time.TimestampFrequency - 1) / _time.TimestampFrequency));
    }

    private Rate Compile(RateLimit? limit) => limit is null ? default : new Rate(limit, _time);
}
