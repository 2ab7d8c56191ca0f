using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;
using Zilla.Config.Watching;
using Zilla.Testing;

namespace Zilla.Config.Tests.Watching;

public sealed class ControlConnectionTests
{
    [Fact]
    public async Task Watch_AfterOneThatFailed_DialsControl_WhichIsBack()
    {
        var port = FreePort.Next();
        using var connection = new ControlConnection(
            new() { Service = ServiceNames.EdgeHttp, Instance = "edge-http-0", Control = new Uri($"http://127.0.0.1:{port}"), FirstAnswer = TimeSpan.FromMinutes(5) }, TimeProvider.System);
        await Assert.ThrowsAsync<RpcException>(() => connection.WatchAsync(null, Nothing, CancellationToken.None));

        using var control = new TcpListener(IPAddress.Loopback, port);
        control.Start();
        using var stop = new CancellationTokenSource();
        var watching = connection.WatchAsync(null, Nothing, stop.Token);
        using var dialled = await Eventually.CompletesAsync(control.AcceptTcpClientAsync());
        Assert.False(watching.IsCompleted, watching.Exception?.Message);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => watching);
    }

    private static Task<Outcome?> Nothing(PlanUpdate update) => Task.FromResult<Outcome?>(null);
}
