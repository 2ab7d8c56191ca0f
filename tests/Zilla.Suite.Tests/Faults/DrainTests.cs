using System.Net;
using System.Net.Sockets;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>What an edge that is asked to stop says to those that are connected, on the wire.</summary>
[Collection(FaultsCollection.Name)]
public sealed class DrainTests(FaultsFixture fixture)
{
    private const int Clients = 32;
    private const byte Settings = 4;
    private const byte GoAway = 7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Stop_Http2_SaysGoAwayToEveryConnection()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ConnectAsync(fixture.Suite.Port)));
        var ends = connections.Select(LastFrameAsync).ToList();
        await RestartEdgesAsync();
        Assert.All(await Task.WhenAll(ends), type => Assert.Equal(GoAway, type));
        Array.ForEach(connections, connection => connection.Dispose());
    }

    [Fact]
    public async Task Stop_Http1_ClosesAConnectionWithTheAnswerItIsAbout()
    {
        // Reads that wait are under way when the edges are asked to stop: they are answered, and the answers say that their connections end.
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => RawHttp.ConnectAsync(fixture.Suite.Port)));
        foreach (var client in clients)
        {
            await client.SendAsync("GET /items/nobody-writes-this HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=600\r\n\r\n");
        }

        await Eventually.HoldsAsync(async () => (await fixture.Suite.Edges.CountAsync("http_active_requests")).Sum() >= Clients, Patience, "all are under way");
        await RestartEdgesAsync();
        foreach (var client in clients)
        {
            var head = await client.ReadToAsync("\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 ", head, StringComparison.Ordinal);
            Assert.Contains("Connection: close\r\n", head, StringComparison.OrdinalIgnoreCase);
            client.Dispose();
        }
    }

    private async Task RestartEdgesAsync()
    {
        foreach (var edge in fixture.Suite.Edges)
        {
            await edge.StopAsync();
            await edge.RestartAsync();
        }
    }

    /// <summary>A connection preface and empty SETTINGS (RFC 9113 §3.4): prior knowledge. The edge has answered: one that it has not taken up yet it would close without a word.</summary>
    private static async Task<NetworkStream> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray());
        using var deadline = new CancellationTokenSource(Patience);
        Assert.Equal(Settings, await NextFrameAsync(stream, deadline.Token));
        return stream;
    }

    /// <summary>Reads frames up to the end of the connection.</summary>
    private static async Task<byte> LastFrameAsync(NetworkStream stream)
    {
        using var deadline = new CancellationTokenSource(Patience);
        byte last = 0;
        while (await NextFrameAsync(stream, deadline.Token) is { } next)
        {
            last = next;
        }

        return last;
    }

    /// <summary>The type of the next frame; null: the connection has ended.</summary>
    private static async Task<byte?> NextFrameAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var header = new byte[9];
        if (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken) < header.Length)
        {
            return null;
        }

        await stream.ReadExactlyAsync(new byte[(header[0] << 16) | (header[1] << 8) | header[2]], cancellationToken);
        return header[3];
    }
}
