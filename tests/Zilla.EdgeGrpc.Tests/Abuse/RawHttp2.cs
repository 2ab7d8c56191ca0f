using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Zilla.EdgeGrpc.Tests.Abuse;

/// <summary>A client of HTTP/2 that says whatever it is told to (RFC 9113 §4.1).</summary>
/// <remarks><code>length:24 │ type:8 │ flags:8 │ R:1 stream:31 │ payload</code></remarks>
internal sealed class RawHttp2 : IDisposable
{
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, Continuation = 9;
    public const byte EndStream = 1, Ack = 1, EndHeaders = 4;

    private const int SocketBuffer = 64 << 10;

    private readonly TcpClient _client;

    private RawHttp2(TcpClient client) => (_client, Stream) = (client, client.GetStream());

    /// <summary>Had once: a client whose connection was reset gives none any more, and an error that is none of the connection's.</summary>
    private NetworkStream Stream { get; }

    /// <summary>Connects, and says its settings.</summary>
    /// <param name="port">Of the edge.</param>
    /// <param name="settings">Six bytes each: identifier and value.</param>
    public static async Task<RawHttp2> ConnectAsync(int port, byte[]? settings = null)
    {
        // Small: else the system's settings say how much it takes before anybody is held up.
        var connection = new TcpClient { ReceiveBufferSize = SocketBuffer, SendBufferSize = SocketBuffer };
        await connection.ConnectAsync("127.0.0.1", port);
        var client = new RawHttp2(connection);
        await client.Stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await client.SendAsync(Frame(Settings, 0, 0, settings ?? []));
        return client;
    }

    public static byte[] Frame(byte type, byte flags, int stream, params byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>The header block of a call, every field a literal without index (RFC 7541 §6.2.2).</summary>
    public static byte[] Call(string path, params (string Name, string Value)[] metadata)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in ((string Name, string Value)[])[(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers"), .. metadata])
        {
            block.WriteByte(0);
            Write(name);
            Write(value);
        }

        return block.ToArray();

        void Write(string text)
        {
            // A length in seven bits, what does not fit behind them in groups of seven.
            var length = text.Length;
            block.WriteByte((byte)Math.Min(length, 127));
            for (length -= 127; length >= 0; length >>= 7)
            {
                block.WriteByte((byte)(length >= 128 ? (length & 127) | 128 : length));
                if (length < 128)
                {
                    break;
                }
            }

            block.Write(Encoding.ASCII.GetBytes(text));
        }
    }

    public async Task SendAsync(params byte[][] frames) => await Stream.WriteAsync(frames.SelectMany(frame => frame).ToArray());

    /// <summary>Sends for as long as the other side takes it. False: the connection has ended, by either side.</summary>
    public async Task<bool> TrySendAsync(params byte[][] frames)
    {
        try
        {
            await SendAsync(frames);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The next frame; null: the connection has ended, by either side.</summary>
    public async Task<(byte Type, byte Flags, int Stream, byte[] Payload)?> ReadAsync()
    {
        try
        {
            var head = new byte[9];
            await Stream.ReadExactlyAsync(head).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
            await Stream.ReadExactlyAsync(payload).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Reads until the edge says goodbye, or ends the connection. Gives how many frames came of the type.</summary>
    public async Task<int> CountUntilTheEndAsync(byte type)
    {
        var count = 0;
        while (await ReadAsync() is { } frame && frame.Type != GoAway)
        {
            count += frame.Type == type ? 1 : 0;
        }

        return count;
    }

    public void Dispose() => _client.Dispose();
}
