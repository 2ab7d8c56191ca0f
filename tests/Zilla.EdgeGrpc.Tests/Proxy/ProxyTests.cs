using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.EdgeGrpc.Tests.Upstream;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.Proxy;

/// <summary>A client, the gateway, and a service that knows of neither.</summary>
public sealed class ProxyTests : IAsyncLifetime
{
    private ThingsService _service = null!;
    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _service = await ThingsService.StartAsync();
        _gateway = await Gateway.ProxyAsync(_service.Port, maximum: 8 << 20);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Unary_MetadataAndTrailersBothWays()
    {
        using var call = _gateway.Things.GetAsync(
            new Everything { AString = "x" }, new Metadata { { "tenant", "a" }, { "token-bin", [0, 200] }, { "x-forwarded-for", "10.0.0.1" }, { "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" } }, DateTime.UtcNow.AddMinutes(5));
        Assert.Equal("x", (await call.ResponseAsync).AString);
        var headers = await call.ResponseHeadersAsync;
        Assert.Equal(("hello", 3), (headers.GetValue("greeting"), headers.GetValueBytes("bytes-bin")!.Length));
        Assert.Equal("now", call.GetTrailers().GetValue("goodbye"));
        Assert.True(_service.Calls.TryDequeue(out var seen));
        Assert.Equal(("a", "10.0.0.1, 127.0.0.1", "http"), (seen.Metadata.GetValue("tenant"), seen.Metadata.GetValue("x-forwarded-for"), seen.Metadata.GetValue("x-forwarded-proto")));
        Assert.StartsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-", seen.Metadata.GetValue("traceparent"), StringComparison.Ordinal);
        Assert.Equal([0, 200], seen.Metadata.GetValueBytes("token-bin")!);
        Assert.InRange(seen.Deadline, DateTime.UtcNow.AddMinutes(1), DateTime.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task Error_ComesWithItsDetails()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => _gateway.Things.GetAsync(new Everything { AString = "fail" }).ResponseAsync);
        Assert.Equal(new Status(StatusCode.FailedPrecondition, "50 % für"), failure.Status, (one, other) => (one.StatusCode, one.Detail) == (other.StatusCode, other.Detail));
        Assert.Equal([1, 2, 3], failure.Trailers.GetValueBytes("grpc-status-details-bin")!);
    }

    /// <summary>Longer than HTTP's libraries think of headers.</summary>
    [Fact]
    public async Task Error_OfManyWords_IsTheClients()
    {
        var words = new string('x', 100_000);
        _service.BeforeAnswer = (_, _) => throw new RpcException(new Status(StatusCode.FailedPrecondition, words));
        using var connections = new SocketsHttpHandler { MaxResponseHeadersLength = 1024 };
        using var channel = GrpcChannel.ForAddress(_gateway.Address, new() { HttpHandler = connections });
        var failure = await Assert.ThrowsAsync<RpcException>(() => new Things.ThingsClient(channel).GetAsync(new Everything()).ResponseAsync);
        Assert.Equal((StatusCode.FailedPrecondition, words), (failure.StatusCode, failure.Status.Detail));
    }

    /// <summary>The gateway takes as many, and adds its own.</summary>
    [Fact]
    public async Task Metadata_OfWhichThereAreMoreThanAServiceTakes_AreRefused()
    {
        using var other = _gateway.Things.Talk();
        await other.ResponseHeadersAsync;
        var metadata = new Metadata();
        for (var i = 0; i < 90; i++)
        {
            metadata.Add($"name-{i}", "x");
        }

        var failure = await Assert.ThrowsAsync<RpcException>(() => _gateway.Things.GetAsync(new Everything(), metadata).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.StartsWith("The call has more metadata than are sent to services", failure.Status.Detail, StringComparison.Ordinal);
        await other.RequestStream.WriteAsync(new Everything());
        Assert.True(await other.ResponseStream.MoveNext());
    }

    [Theory]
    [InlineData("Get", 0, "there is none")]
    [InlineData("Get", 2, "there are more")]
    [InlineData("Watch", 2, "there are more")]
    public async Task OtherThanOneMessage_WhereTheMethodTakesOne_IsRefused(string method, int count, string words)
    {
        using var content = new ByteArrayContent(new byte[count * 5]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/grpc-web+proto");
        using var answer = await _gateway.Http.PostAsync($"{_gateway.Address}/zilla.tests.Things/{method}", content);
        var said = $"{answer.Headers}{Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync())}";
        Assert.Contains("grpc-status: 13", said, StringComparison.Ordinal);
        Assert.Contains(words, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_ThatHasHeardEnough_AnswersBeforeTheClientEnds()
    {
        using var call = _gateway.Things.Upload();
        await call.RequestStream.WriteAsync(new Everything { AString = "enough" });
        Assert.Equal(1, (await Eventually.CompletesAsync(call.ResponseAsync)).AnInt32);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Talk_IsFullDuplex_CompressedOrNot()
    {
        using var channel = GrpcChannel.ForAddress(_gateway.Address, new()
        {
            MaxReceiveMessageSize = null,
            CompressionProviders = [new GzipCompressionProvider(System.IO.Compression.CompressionLevel.Fastest)],
        });
        using var call = new Things.ThingsClient(channel).Talk(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        Assert.Equal("hello", (await call.ResponseHeadersAsync).GetValue("greeting"));
        foreach (var size in (int[])[0, 10, 100_000, 4 << 20])
        {
            await call.RequestStream.WriteAsync(new Everything { SomeBytes = ByteString.CopyFrom(new byte[size]) });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(size, call.ResponseStream.Current.SomeBytes.Length);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Upload_HundredMegabytes_Arrive()
    {
        using var call = _gateway.Things.Upload();
        var message = new Everything { SomeBytes = ByteString.CopyFrom(new byte[1 << 20]) };
        for (var i = 0; i < 100; i++)
        {
            await call.RequestStream.WriteAsync(message);
        }

        await call.RequestStream.CompleteAsync();
        var answer = await call.ResponseAsync;
        Assert.Equal((100, 100L << 20), (answer.AnInt32, answer.AnInt64));
    }

    [Fact]
    public async Task SlowClient_StallsTheService_AndNobodyElse()
    {
        const int Messages = 2000, Size = 100_000;
        using var slow = _gateway.Things.Watch(new Everything { AnInt64 = Messages, AnInt32 = Size });
        Assert.True(await slow.ResponseStream.MoveNext());

        // It comes to rest far from the end: what lies between are windows.
        var sent = -1;
        await Eventually.HoldsAsync(async () =>
        {
            var before = sent;
            await _gateway.Things.GetAsync(new Everything());
            return before == (sent = _service.Sent) && sent > 0;
        });
        Assert.InRange(sent, 1, Messages / 2);
        var count = 1;
        while (await slow.ResponseStream.MoveNext())
        {
            count++;
        }

        Assert.Equal(Messages, count);
    }

    [Fact]
    public async Task Cancel_IsToldToTheService()
    {
        using var call = _gateway.Things.Watch(new Everything { AString = "wait" });
        await Eventually.HoldsAsync(() => !_service.Calls.IsEmpty);
        call.Dispose();
        await _service.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Deadline_EndsTheCall_OnBothSides()
    {
        // Once more where it was over before the service had heard of the call.
        for (var patience = TimeSpan.FromSeconds(0.5); _service.Calls.IsEmpty; patience *= 2)
        {
            var failure = await Assert.ThrowsAsync<RpcException>(() => _gateway.Things.GetAsync(new Everything { AString = "wait" }, deadline: DateTime.UtcNow + patience).ResponseAsync);
            Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        }

        await _service.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Service_ThatDies_EndsTheCall_AndTheNextFindsItUnavailable()
    {
        using var call = _gateway.Things.Talk();
        await call.RequestStream.WriteAsync(new Everything());
        Assert.True(await call.ResponseStream.MoveNext());
        await _service.DieAsync();
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext())).StatusCode);
        var failure = await Assert.ThrowsAsync<RpcException>(() => _gateway.Things.GetAsync(new Everything()).ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Contains("cannot be reached", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_OfAPlainService()
    {
        using var content = new StringContent("""{"anInt64":"3","anInt32":1}""", Encoding.UTF8, "application/json");
        using var answer = await _gateway.Http.PostAsync($"{_gateway.Address}/zilla.tests.Things/Watch", content);
        Assert.Equal("{\"someBytes\":\"AA==\"}\n{\"anInt64\":\"1\",\"someBytes\":\"AA==\"}\n{\"anInt64\":\"2\",\"someBytes\":\"AA==\"}\n", await answer.Content.ReadAsStringAsync());
        using var failing = new StringContent("""{"aString":"fail"}""", Encoding.UTF8, "application/json");
        using var failed = await _gateway.Http.PostAsync($"{_gateway.Address}/zilla.tests.Things/Get", failing);
        Assert.Equal(HttpStatusCode.BadRequest, failed.StatusCode);
        Assert.Contains("50 % f", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Web_OfAPlainService()
    {
        using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/grpc-web+proto");
        using var answer = await _gateway.Http.PostAsync($"{_gateway.Address}/zilla.tests.Things/Get", content);
        var body = Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("\0\0\0\0\0\u0080\0\0\0\u002Cgrpc-status: 0\r\ngoodbye: now\r\nrest-bin: CQ\r\n", body, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Client_ThatBreaksOff_IsNotTakenForTheEnd()
    {
        using var call = _gateway.Things.Upload();
        await call.RequestStream.WriteAsync(new Everything());
        await Eventually.HoldsAsync(() => !_service.Calls.IsEmpty);
        call.Dispose();
        await Eventually.HoldsAsync(() => _service.Broken > 0);
    }
}
