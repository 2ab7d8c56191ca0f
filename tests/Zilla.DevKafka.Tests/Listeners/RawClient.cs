using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Listeners;

/// <summary>A client that sends what the test wants, right or wrong.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<RawClient> ConnectAsync(int port)
    {
        var client = new RawClient();
        await client._client.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }

    public async Task SendAsync(params byte[] bytes) => await _client.GetStream().WriteAsync(bytes);

    /// <summary>Sends one request with its length and header (client id null).</summary>
    public Task RequestAsync(ApiKey key, short version, byte[] body)
    {
        var frame = new byte[14 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), (short)key);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), version);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), 42);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), -1);
        body.CopyTo(frame, 14);
        return SendAsync(frame);
    }

    /// <summary>One response without its length.</summary>
    public async Task<byte[]> ResponseAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var prefix = new byte[4];
        await _client.GetStream().ReadExactlyAsync(prefix, deadline.Token);
        var response = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
        await _client.GetStream().ReadExactlyAsync(response, deadline.Token);
        return response;
    }

    /// <summary>Whether the broker ends the connection without another byte.</summary>
    public async Task<bool> IsClosedAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return await _client.GetStream().ReadAsync(new byte[1], deadline.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _client.Dispose();
}
