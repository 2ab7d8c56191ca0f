using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Testing;
using static Zilla.EdgeGrpc.Tests.Abuse.RawHttp2;

namespace Zilla.EdgeGrpc.Tests.Abuse;

/// <summary>Many messages that begin and do not end: they take what there is for them, and nothing else.</summary>
public sealed class BegunMessagesTests : IAsyncLifetime
{
    private const string Upload = "/zilla.tests.Things/Upload";
    private const int Budget = 1 << 20, Calls = 20, Length = 120_000, Piece = 16_000, Pieces = 7, Share = 128 << 10, Fitting = Budget / Share;

    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync([("Grpc:MaxBegunBytes", $"{Budget}"), ("Grpc:MaxConnectionBegunBytes", $"{Budget}"), ("Grpc:MaxBegunPause", "01:00:00")], Gateway.Produce("*/Upload", "uploads"));
        _ = _gateway.Cache.Topic("uploads");
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Messages_BeyondTheBudget_AreRefused_SmallOnesAreServed_AndAllIsGivenBack()
    {
        using var client = await ConnectAsync(_gateway.Port);
        var streams = Enumerable.Range(0, Calls).Select(number => (2 * number) + 1).ToList();
        foreach (var stream in streams)
        {
            await client.SendAsync(Frame(Headers, EndHeaders, stream, Call(Upload)), Frame(Data, 0, stream, 0, 0, 1, 0xD4, 0xC0));
            await client.SendAsync([.. Enumerable.Repeat(Frame(Data, 0, stream, new byte[Piece]), Pieces)]);
            await ServedAsync(10);
        }

        // One is told so by the end of its headers, which is all that it gets.
        var begun = streams.ToHashSet();
        while (begun.Count > Fitting)
        {
            var frame = await client.ReadAsync();
            Assert.NotNull(frame);
            _ = frame is { Type: Headers } refused && (refused.Flags & EndStream) != 0 && begun.Remove(refused.Stream);
        }

        await Eventually.HoldsAsync(() => _gateway.Messages.Taken == Budget);
        var grpc = await Assert.ThrowsAsync<RpcException>(() => ServedAsync(Length));
        Assert.Equal(StatusCode.ResourceExhausted, grpc.StatusCode);
        Assert.Contains("MaxBegunBytes", grpc.Status.Detail, StringComparison.Ordinal);
        using (var json = await _gateway.Http.PostAsync(_gateway.Address + Upload, new StringContent($$"""{"aString":"{{new string('x', Length)}}"}""", Encoding.UTF8, "application/json")))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, json.StatusCode);
        }

        // Given up; ended within the message; ended as it should.
        var held = new Queue<int>(begun);
        foreach (var stream in Enumerable.Range(0, 3).Select(_ => held.Dequeue()))
        {
            await client.SendAsync(Frame(Reset, 0, stream, 0, 0, 0, 8));
        }

        await Eventually.HoldsAsync(() => _gateway.Messages.Taken == Budget - (3 * Share));
        await client.SendAsync(Frame(Data, EndStream, held.Dequeue()));
        await Eventually.HoldsAsync(() => _gateway.Messages.Taken == Budget - (4 * Share));
        await client.SendAsync(Frame(Data, EndStream, held.Dequeue(), new byte[Length - (Pieces * Piece)]));
        await Eventually.HoldsAsync(() => _gateway.Messages.Taken == Budget - (5 * Share));
        Assert.Contains(_gateway.Cache.Topic("uploads").Records(0), record => record.Value is { Length: Length });

        await ServedAsync(Length);
        client.Dispose();
        await Eventually.HoldsAsync(() => _gateway.Messages.Taken == 0);
    }

    [Fact]
    public async Task Connection_TakesItsShare_AndOthersAreServed()
    {
        await using var gateway = await Gateway.StartAsync([("Grpc:MaxBegunBytes", $"{Budget}"), ("Grpc:MaxBegunPause", "01:00:00")], Gateway.Produce("*/Upload", "uploads"));
        _ = gateway.Cache.Topic("uploads");
        using var client = await ConnectAsync(gateway.Port);
        var begun = Enumerable.Range(0, Calls).Select(number => (2 * number) + 1).ToHashSet();
        foreach (var stream in begun)
        {
            await client.SendAsync(Frame(Headers, EndHeaders, stream, Call(Upload)), Frame(Data, 0, stream, 0, 0, 1, 0xD4, 0xC0));
            await client.SendAsync([.. Enumerable.Repeat(Frame(Data, 0, stream, new byte[Piece]), Pieces)]);
        }

        while (begun.Count > Fitting / 2)
        {
            var frame = await client.ReadAsync();
            Assert.NotNull(frame);
            _ = frame is { Type: Headers } refused && (refused.Flags & EndStream) != 0 && begun.Remove(refused.Stream);
        }

        await Eventually.HoldsAsync(() => gateway.Messages.Taken == Budget / 2);
        await ServedAsync(Length, gateway);
    }

    /// <summary>Each on a connection of its own, over HTTP/1.1 as gRPC-Web can.</summary>
    [Fact]
    public async Task Message_ThatDoesNotGoOn_EndsItsCall_AndAQuietStreamGoesOn()
    {
        await using var gateway = await Gateway.StartAsync([("Grpc:MaxBegunPause", "00:00:01")], Gateway.Produce("*/Upload", "uploads"));
        var uploads = gateway.Cache.Topic("uploads");
        using var quiet = gateway.Things.Upload();
        await quiet.RequestStream.WriteAsync(new Everything { AString = "before" });
        await Eventually.HoldsAsync(() => uploads.End(0) == 1);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", gateway.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST {Upload} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/grpc-web\r\nContent-Length: 100\r\nConnection: close\r\n\r\n\0\0\0\0"));
        using var answer = new StreamReader(client.GetStream());
        var said = await answer.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("grpc-status: 4", said, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("MaxBegunPause", said, StringComparison.Ordinal);
        await quiet.RequestStream.CompleteAsync();
        await quiet.ResponseAsync;
    }

    private Task ServedAsync(int length) => ServedAsync(length, _gateway);

    private static async Task ServedAsync(int length, Gateway gateway)
    {
        using var call = gateway.Things.Upload(deadline: DateTime.UtcNow.AddSeconds(20));
        try
        {
            await call.RequestStream.WriteAsync(new Everything { SomeBytes = ByteString.CopyFrom(new byte[length]) });
            await call.RequestStream.CompleteAsync();
        }
        catch (RpcException)
        {
            // The answer tells.
        }

        await call.ResponseAsync;
    }
}
