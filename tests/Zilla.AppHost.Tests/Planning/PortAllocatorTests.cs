using System.Net;
using System.Net.Sockets;
using Zilla.AppHost.Hosting.Planning;
using Zilla.Testing;

namespace Zilla.AppHost.Tests.Planning;

public sealed class PortAllocatorTests
{
    [Fact]
    public void Next_PreferredPortIsFree_TakesItOnce()
    {
        var free = FreePort.Next();
        var ports = new PortAllocator(new Random(1));

        Assert.Equal(free, ports.Next(free));
        Assert.NotEqual(free, ports.Next(free));
    }

    [Fact]
    public void Next_PreferredPortIsInUse_TakesAnother()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var used = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.NotEqual(used, new PortAllocator(new Random(1)).Next(used));
    }

    [Fact]
    public void Next_Always_BelowTheRangeOfOutgoingConnections() =>
        Assert.All(Enumerable.Range(0, 20).Select(seed => new PortAllocator(new Random(seed)).Next()), port => Assert.InRange(port, 20000, 32767));
}
