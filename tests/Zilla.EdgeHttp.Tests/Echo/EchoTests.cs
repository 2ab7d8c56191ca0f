using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Echo;

public sealed class EchoTests
{
    private const int Large = 100 << 20;

    private static readonly BindingConfig[] Bindings = [new HttpServerBinding { Name = "http", Exit = "echo" }, new EchoBinding { Name = "echo" }];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_Body_ComesBackWithItsType(bool http2)
    {
        await using var gateway = await Gateway.StartAsync(Bindings);

        using var response = await (http2 ? gateway.Http2 : gateway.Client).PostAsync("/any", new StringContent("Hello", Encoding.UTF8, "text/x-own"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/x-own; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(5, response.Content.Headers.ContentLength);
        Assert.Equal("Hello", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("DELETE")]
    public async Task Request_WithoutBody_EmptyResponse(string method)
    {
        await using var gateway = await Gateway.StartAsync(Bindings);

        using var response = await gateway.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/"));

        Assert.Equal((HttpStatusCode.OK, 0L, null), (response.StatusCode, response.Content.Headers.ContentLength, response.Content.Headers.ContentType));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_100Megabytes_Http2_SameBytes(bool withLength)
    {
        await using var gateway = await Gateway.StartAsync(Bindings);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new Pattern(Large, withLength),
        };

        using var response = await gateway.Http2.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(withLength ? Large : null, response.Content.Headers.ContentLength);
        await Pattern.AssertAsync(await response.Content.ReadAsStreamAsync(), Large);
    }

    [RequiresToolTheory("curl")]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Post_100Megabytes_Curl_SameBytes(bool withLength, bool http2)
    {
        await using var gateway = await Gateway.StartAsync(Bindings);
        var folder = Directory.CreateTempSubdirectory("echo-");
        try
        {
            var (sent, received) = (Path.Combine(folder.FullName, "sent"), Path.Combine(folder.FullName, "received"));
            await using (var file = File.Create(sent))
            {
                await new Pattern(Large, true).CopyToAsync(file);
            }

            // curl expects "100 Continue" with bodies of this size.
            await ChildProcess.RunAsync("curl", ["-sSf", "--noproxy", "*", "-m", "300", http2 ? "--http2-prior-knowledge" : "--http1.1", "-o", received,
                .. withLength ? (string[])["-X", "POST", "-T", sent] : ["-H", "Transfer-Encoding: chunked", "-X", "POST", "-T", sent], $"http://127.0.0.1:{gateway.Port}/"], within: TimeSpan.FromMinutes(5));

            await using var back = File.OpenRead(received);
            await Pattern.AssertAsync(back, Large);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Post_BitByBit_EachComesBackAtOnce()
    {
        await using var gateway = await Gateway.StartAsync(Bindings);
        using var client = await ConnectAsync(gateway);
        var stream = client.GetStream();
        var reader = new StreamReader(stream);

        await stream.WriteAsync("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
        Assert.Equal("HTTP/1.1 200 OK", await Soon(reader.ReadLineAsync()));
        while (await Soon(reader.ReadLineAsync()) is { Length: > 0 })
        {
            // The headers.
        }

        foreach (var word in (string[])["one", "three"])
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{word.Length}\r\n{word}\r\n"));
            Assert.Equal($"{word.Length}", await Soon(reader.ReadLineAsync()));
            Assert.Equal(word, await Soon(reader.ReadLineAsync()));
        }

        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        Assert.Equal("0", await Soon(reader.ReadLineAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_WithoutReading_IsHeldUp_ThenAllComes(bool raw)
    {
        await using var gateway = await Gateway.StartAsync(raw ? [new TcpServerBinding { Name = "tcp", Ports = [], Exit = "echo" }, new EchoBinding { Name = "echo" }] : Bindings);
        using var client = await ConnectAsync(gateway);
        client.SendBufferSize = client.ReceiveBufferSize = 64 << 10;
        var stream = client.GetStream();
        if (!raw)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {Large}\r\n\r\n"));
        }

        var pattern = new Pattern(Large, true);
        var sending = pattern.CopyToAsync(stream);
        var last = -1L;
        await Eventually.HoldsAsync(async () =>
        {
            // Held up: nothing has moved while others were served.
            for (var other = 0; other < 10; other++)
            {
                await AssertServedAsync(gateway, raw);
            }

            return last == (last = pattern.Sent) && last > 0;
        });
        Assert.InRange(pattern.Sent, 1, 32 << 20);

        if (!raw)
        {
            var last4 = new byte[4];
            while (!last4.AsSpan().SequenceEqual("\r\n\r\n"u8))
            {
                last4.AsSpan(1).CopyTo(last4);
                await stream.ReadExactlyAsync(last4.AsMemory(3));
            }
        }

        var receiving = Pattern.AssertAsync(stream, Large, toTheEnd: false);
        await sending;
        await receiving;
    }

    [Fact]
    public async Task Raw_Bytes_ComeBack_EndWithTheClients()
    {
        await using var gateway = await Gateway.StartAsync(new TcpServerBinding { Name = "tcp", Ports = [], Exit = "echo" }, new EchoBinding { Name = "echo" });
        using var client = await ConnectAsync(gateway);

        var stream = client.GetStream();

        await stream.WriteAsync("PRI * whatever"u8.ToArray());
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("PRI * whatever", await Soon(new StreamReader(stream).ReadToEndAsync()));
    }

    [Fact]
    public async Task Raw_ListenerCloses_ConnectionEnds()
    {
        await using var gateway = await Gateway.StartAsync(new TcpServerBinding { Name = "tcp", Ports = [], Exit = "echo" }, new EchoBinding { Name = "echo" });
        using var client = await ConnectAsync(gateway);
        await client.GetStream().WriteAsync("x"u8.ToArray());
        Assert.Equal('x', client.GetStream().ReadByte());

        await gateway.ApplyAsync([]);

        Assert.Equal(0, await Soon(client.GetStream().ReadAsync(new byte[1]).AsTask()));
    }

    private static async Task AssertServedAsync(Gateway gateway, bool raw)
    {
        using var client = await ConnectAsync(gateway);
        await client.GetStream().WriteAsync(raw ? "H"u8.ToArray() : "GET / HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray());
        var answer = new byte[1];
        Assert.Equal(1, await Soon(client.GetStream().ReadAsync(answer).AsTask()));
        Assert.Equal((byte)'H', answer[0]);
    }

    private static Task<T> Soon<T>(Task<T> task) => Eventually.CompletesAsync(task);

    private static async Task<TcpClient> ConnectAsync(Gateway gateway)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port);
        return client;
    }

    /// <summary>Bytes by their position; sent while the answer is read, which the client's own content types do not do.</summary>
    private sealed class Pattern(int size, bool withLength) : HttpContent
    {
        private const int Prime = 251 * 257;

        private static readonly byte[] Block = [.. Enumerable.Range(0, Prime).Select(i => (byte)(i % 251 ^ i % 257))];
        private long _sent;

        public long Sent => Volatile.Read(ref _sent);

        public static async Task AssertAsync(Stream stream, int size, bool toTheEnd = true)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
            var buffer = ArrayPool<byte>.Shared.Rent(Prime);
            for (var at = 0; at < size;)
            {
                var expected = Math.Min(Prime, size - at);
                await stream.ReadExactlyAsync(buffer.AsMemory(0, expected), deadline.Token);
                Assert.True(buffer.AsSpan(0, expected).SequenceEqual(Block.AsSpan(0, expected)), $"other bytes after {at}");
                at += expected;
            }

            Assert.Equal(0, toTheEnd ? await stream.ReadAsync(buffer, deadline.Token) : 0);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var at = 0; at < size; at += Prime)
            {
                var count = Math.Min(Prime, size - at);
                await stream.WriteAsync(Block.AsMemory(0, count));
                Interlocked.Add(ref _sent, count);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return withLength;
        }
    }
}
