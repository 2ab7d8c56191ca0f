using System.Net;
using Zilla.Config.Bindings;
using Zilla.Edge.Proxy;

namespace Zilla.Edge.Tests.Proxy;

public sealed class ProxyRoutesTests
{
    private static readonly ProxyHeader Header = new()
    {
        Source = IPEndPoint.Parse("203.0.113.7:5000"),
        Destination = IPEndPoint.Parse("[2001:db8::1]:443"),
        Alpn = "h2",
        Authority = "A.example",
        Identity = "id",
        Namespace = "ns",
        Secure = new() { Version = "TLSv1.3", Cipher = "c", Key = "k", Name = "alice", Signature = "s" },
    };

    public static TheoryData<ProxyCondition, bool> Conditions => new()
    {
        { new(), true },
        { new() { Transport = ProxyTransport.Stream }, true },
        { new() { Transport = ProxyTransport.Datagram }, false },
        { new() { Family = ProxyFamily.Inet }, true },
        { new() { Family = ProxyFamily.Inet4 }, true },
        { new() { Family = ProxyFamily.Inet6 }, false },
        { new() { Family = ProxyFamily.Unix }, false },
        { new() { Source = new() { Host = "203.0.113.7" } }, true },
        { new() { Source = new() { Host = "203.0.113.0/24", Ports = [4999, 5000] } }, true },
        { new() { Source = new() { Host = "203.0.112.0/24" } }, false },
        { new() { Source = new() { Host = "2001:db8::/32" } }, false },
        { new() { Source = new() { Ports = [5001] } }, false },
        { new() { Destination = new() { Host = "2001:db8::/32", Ports = [443] } }, true },
        { new() { Destination = new() { Host = "::1" } }, false },
        { new() { Alpn = "h2", Authority = "*.Example", Identity = "id", Namespace = "ns" }, true },
        { new() { Alpn = "http/1.1" }, false },
        { new() { Authority = "b.example" }, false },
        { new() { Identity = "other" }, false },
        { new() { Namespace = "other" }, false },
        { new() { Secure = new() { Version = "TLSv1.3", Cipher = "c", Key = "k", Name = "alice", Signature = "s" } }, true },
        { new() { Secure = new() }, true },
        { new() { Secure = new() { Version = "TLSv1.2" } }, false },
        { new() { Secure = new() { Name = "bob" } }, false },
    };

    [Theory]
    [MemberData(nameof(Conditions))]
    public void Find_Condition_HoldsOrNot(ProxyCondition when, bool holds)
    {
        var routes = new ProxyRoutes(new() { Name = "p", Exit = "else", Routes = [new() { Exit = "taken", When = [when] }] });

        Assert.Equal(holds ? "taken" : "else", routes.Find(Header, null, null));
    }

    [Fact]
    public void Find_NothingIsSaid_TheConnectionsOwnEndsCount_AndNoInfoIsThere()
    {
        var routes = new ProxyRoutes(new()
        {
            Name = "p",
            Routes =
            [
                new() { Exit = "info", When = [new() { Secure = new() }, new() { Authority = "*" }, new() { Family = ProxyFamily.Unix }] },
                new() { Exit = "own", When = [new() { Source = new() { Host = "10.0.0.0/8" } }] },
            ],
        });

        Assert.Equal("own", routes.Find(ProxyHeader.Nothing, IPEndPoint.Parse("10.1.1.1:1"), null));
        Assert.Null(routes.Find(ProxyHeader.Nothing, IPEndPoint.Parse("11.1.1.1:1"), null));
        Assert.Equal("info", routes.Find(new() { Source = new UnixPath("/a") }, null, null));
    }
}
