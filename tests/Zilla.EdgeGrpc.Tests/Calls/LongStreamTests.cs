using System.Net.Sockets;
using Google.Protobuf;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.Calls;

/// <summary>Streams are as long as they have to be: the server's limits for bodies are not theirs.</summary>
public sealed class LongStreamTests : IAsyncLifetime
{
    private Gateway _gateway = null!;

    /// <summary>A client may be slow for the shortest time that the server can be told.</summary>
    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync([("Http:RateGrace", "00:00:01.1")], Gateway.Produce("*/Upload", "uploads"), Gateway.Fetch("*/Get", "things"));
        _ = (_gateway.Cache.Topic("uploads"), _gateway.Cache.Topic("things"));
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task ClientStream_OfMoreThanTheServersLimitForABody_IsTaken()
    {
        const int Count = 32;
        var message = new Everything { SomeBytes = ByteString.CopyFrom(new byte[1_000_000]) };
        using var call = _gateway.Things.Upload();
        for (var sent = 0; sent < Count; sent++)
        {
            await call.RequestStream.WriteAsync(message);
        }

        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
        Assert.Equal(Count + 1, _gateway.Cache.Topic("uploads").Records(0).Count);
    }

    [Fact]
    public async Task Message_OfManyMegabytes_IsTakenWhereTheLimitAllowsIt()
    {
        const int Length = 16_000_000;
        await using var gateway = await Gateway.StartAsync(grpc => grpc with { MaxMessage = 64 << 20 }, Gateway.Produce("*/Upload", "uploads"));
        gateway.Cache.Topic("uploads");
        using var call = gateway.Things.Upload();
        await call.RequestStream.WriteAsync(new Everything { SomeBytes = ByteString.CopyFrom(new byte[Length]) });
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
        Assert.Equal(Length, Everything.Parser.ParseFrom(gateway.Cache.Topic("uploads").Records(0)[0].Value).SomeBytes.Length);
    }

    [Fact]
    public async Task ClientStream_QuietForLongerThanAClientMayBeSlow_GoesOn()
    {
        using var call = _gateway.Things.Upload();
        await call.RequestStream.WriteAsync(new Everything { AString = "before" });
        await Eventually.HoldsAsync(() => _gateway.Cache.Topic("uploads").End(0) == 1);

        // One message that begins and does not go on is cut off, which shows that the time is over.
        using var slow = new TcpClient();
        await slow.ConnectAsync("127.0.0.1", _gateway.Port);
        await slow.GetStream().WriteAsync("POST /zilla.tests.Things/Get HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/grpc-web\r\nContent-Length: 100\r\n\r\n\0"u8.ToArray());
        using var answer = new StreamReader(slow.GetStream());
        Assert.Contains("grpc-status: 4", await answer.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.OrdinalIgnoreCase);

        await call.RequestStream.WriteAsync(new Everything { AString = "after" });
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
        Assert.Equal(3, _gateway.Cache.Topic("uploads").End(0));
    }
}
