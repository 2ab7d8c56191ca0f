using System.Net;
using Zilla.Config.Bindings;
using Zilla.Edge.Guards;

namespace Zilla.Edge.Limits;

/// <summary>The limits of an mqtt server on how many clients there are and how much they publish, compiled.</summary>
public sealed class MessageLimiter
{
    private readonly MqttLimits _limits;
    private readonly RequestUse _use;
    private readonly TimeProvider _time;
    private readonly Rate _all;
    private readonly Rate _perAddress;
    private readonly Rate _perIdentity;

    internal MessageLimiter(MqttLimits limits, RequestUse use, TimeProvider time)
    {
        (_limits, _use, _time) = (limits, use, time);
        _all = Compile(limits.Rate);
        _perAddress = Compile(limits.RatePerAddress);
        _perIdentity = Compile(limits.RatePerIdentity);
    }

    /// <summary>Counts a client as connected, until <see cref="Leave"/>. False: it is one too many.</summary>
    public bool TryEnter()
    {
        if (_use.Clients.TryTake(_limits.Clients))
        {
            return true;
        }

        _use.Refused(RequestLimit.Clients);
        return false;
    }

    public void Leave() => _use.Clients.Give();

    /// <summary>What a client's messages count for.</summary>
    public Sender SenderOf(IPAddress? client, Grants grants)
    {
        ArgumentNullException.ThrowIfNull(grants);
        return new(
            _limits.RatePerAddress is null ? UInt128.Zero : ClientKey.Of(client),
            _limits.RatePerIdentity is not null && grants.Named is { } grant ? ClientKey.Of(grant) : null);
    }

    /// <summary>Counts a message. Who exceeds their own rate uses up nothing of everybody's.</summary>
    public bool TryPublish(in Sender sender)
    {
        if (_limits.RatePerAddress is null && _limits.RatePerIdentity is null && _limits.Rate is null)
        {
            return true;
        }

        var now = _time.GetTimestamp();
        return (_limits.RatePerAddress is null || _use.Addresses.TryTake(sender.Address, _perAddress, now, out _) || Refuse(RequestLimit.RatePerAddress))
            && (_limits.RatePerIdentity is null || sender.Identity is not { } identity || _use.Identities.TryTake(identity, _perIdentity, now, out _) || Refuse(RequestLimit.RatePerIdentity))
            && (_limits.Rate is null || _use.All.TryTake(_all, now, out _) || Refuse(RequestLimit.Rate));
    }

    private bool Refuse(RequestLimit limit)
    {
        _use.Refused(limit);
        return false;
    }

    private Rate Compile(RateLimit? limit) => limit is null ? default : new Rate(limit, _time);

    /// <summary>By whom messages are counted.</summary>
    public readonly record struct Sender(UInt128 Address, UInt128? Identity);
}
