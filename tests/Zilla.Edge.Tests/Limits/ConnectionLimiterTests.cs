using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Edge.Limits;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Limits;

public sealed class ConnectionLimiterTests
{
    private readonly ConnectionLimiter _limiter = new("tcp0", new LimitOptions(), new ManualTime(), NullLogger.Instance);

    [Fact]
    public void TryEnterFrom_AddressIsAtItsLimit_OthersEnter_AndItselfWhenOneHasLeft()
    {
        _limiter.Limits = new() { ConnectionsPerAddress = 2 };
        Assert.True(_limiter.TryEnterFrom(At("192.0.2.1")));
        Assert.True(_limiter.TryEnterFrom(At("::ffff:192.0.2.1")));

        Assert.False(_limiter.TryEnterFrom(At("192.0.2.1")));

        Assert.True(_limiter.TryEnterFrom(At("192.0.2.2")));
        Assert.True(_limiter.TryEnterFrom(At("2001:db8::1")));
        Assert.True(_limiter.TryEnterFrom(At("2001:db8::2")));
        Assert.False(_limiter.TryEnterFrom(At("2001:db8::3"))); // of the same /64
        _limiter.LeaveFrom(At("192.0.2.1"));
        Assert.True(_limiter.TryEnterFrom(At("192.0.2.1")));
        Assert.False(_limiter.TryEnterFrom(At("192.0.2.1")));
    }

    [Fact]
    public void TryEnterFrom_LimitComesLater_KnowsOfThoseThatAreThere()
    {
        Assert.True(_limiter.TryEnterFrom(At("192.0.2.1")));
        Assert.True(_limiter.TryEnterFrom(At("192.0.2.1")));

        _limiter.Limits = new() { ConnectionsPerAddress = 2 };
        Assert.False(_limiter.TryEnterFrom(At("192.0.2.1")));

        _limiter.LeaveFrom(At("192.0.2.1"));
        Assert.True(_limiter.TryEnterFrom(At("192.0.2.1")));
    }

    [Fact]
    public void TryEnterFrom_WithoutAddress_CountTogether()
    {
        _limiter.Limits = new() { ConnectionsPerAddress = 1 };
        Assert.True(_limiter.TryEnterFrom(null));
        Assert.False(_limiter.TryEnterFrom(new DnsEndPoint("client", 1)));
        _limiter.LeaveFrom(null);
        Assert.True(_limiter.TryEnterFrom(null));
    }

    private static IPEndPoint At(string address) => new(IPAddress.Parse(address), 1);
}
