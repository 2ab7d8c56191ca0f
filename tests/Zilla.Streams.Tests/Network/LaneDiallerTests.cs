using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Streams.Lanes;
using Zilla.Streams.Network;
using Zilla.Testing;

namespace Zilla.Streams.Tests.Network;

public sealed class LaneDiallerTests
{
    [Fact]
    public async Task Dial_AfterOneThatFailed_DialsTheReplica_WhichIsBack()
    {
        var port = FreePort.Next();
        using var dialler = new LaneDialler(new($"http://127.0.0.1:{port}"), equip: null);
        using var stop = new CancellationTokenSource();
        Task<Lane> DialAsync() => dialler.DialAsync(new LaneOptions { HandshakeTimeout = TimeSpan.FromMinutes(5) }, NullLogger.Instance, TimeProvider.System, stop.Token);
        await Assert.ThrowsAsync<StreamBrokenException>(DialAsync);

        using var replica = new TcpListener(IPAddress.Loopback, port);
        replica.Start();
        var dialling = DialAsync();
        using var dialled = await Eventually.CompletesAsync(replica.AcceptTcpClientAsync());
        Assert.False(dialling.IsCompleted, dialling.Exception?.Message);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialling);
    }
}
