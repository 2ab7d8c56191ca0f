using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Zilla.Load.Grpc.Wire;

/// <summary>
/// A client's HTTP/2 connection with prior knowledge: whole frames out of a buffer, nothing allocated per frame. One user. SETTINGS and PING are answered, credit is given back; what it sends itself has to stay
/// within half of the server's windows (32 KiB at the least), since it does not watch them.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    /// <summary>The server lists no headers in a table: what it says can be read without a memory of what was said before.</summary>
    private const ushort HeaderTableSize = 1, EnablePush = 2, InitialWindowSize = 4;

    /// <summary>Data that were received before the connection's credit is renewed.</summary>
    private const int Renewal = 1 << 20;

    private readonly Socket _socket;
    private readonly byte[] _received;
    private readonly byte[] _control = new byte[64];
    private byte[] _pending = new byte[4096];
    private int _pendingLength;
    private int _start;
    private int _end;
    private int _consumed;

    private Http2Connection(Socket socket, int bufferSize) => (_socket, _received) = (socket, new byte[bufferSize]);

    /// <param name="server">Where.</param>
    /// <param name="bufferSize">In bytes, more than the largest frame: 16 KiB and its prefix.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Http2Connection> OpenAsync(IPEndPoint server, int bufferSize, CancellationToken cancellationToken)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connection = new Http2Connection(socket, bufferSize);
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            connection.Add(Preface());
            await connection.SendAsync();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Goes out with <see cref="SendAsync"/>.</summary>
    public void Add(ReadOnlySpan<byte> frames) => frames.CopyTo(Reserve(frames.Length));

    /// <summary>Room for frames that go out with <see cref="SendAsync"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_pending.Length - _pendingLength < length)
        {
            Array.Resize(ref _pending, Math.Max(2 * _pending.Length, _pendingLength + length));
        }

        _pendingLength += length;
        return _pending.AsSpan(_pendingLength - length, length);
    }

    public async ValueTask SendAsync()
    {
        for (var sent = 0; sent < _pendingLength;)
        {
            sent += await _socket.SendAsync(_pending.AsMemory(sent.._pendingLength));
        }

        _pendingLength = 0;
    }

    /// <summary>Waits for more bytes; false when the server has closed.</summary>
    public async ValueTask<bool> ReceiveAsync()
    {
        if (_start > 0)
        {
            _received.AsSpan(_start.._end).CopyTo(_received);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _received.Length)
        {
            throw new InvalidDataException("A frame is too long.");
        }

        var count = await _socket.ReceiveAsync(_received.AsMemory(_end));
        _end += count;
        return count > 0;
    }

    /// <summary>Takes the next frame of a stream off what has been received; those of the connection are dealt with.</summary>
    /// <exception cref="IOException">The server ends the connection.</exception>
    /// <exception cref="InvalidDataException">A frame that this client cannot read.</exception>
    public bool TryTake(out Http2Frame frame)
    {
        while (Http2Frame.TryRead(_received.AsSpan(_start.._end), out frame))
        {
            _start += Http2Frame.PrefixLength + frame.Payload.Length;
            switch (frame.Type)
            {
                case Http2FrameType.Data or Http2FrameType.Headers when (frame.Flags & Http2Frame.Padded) != 0:
                case Http2FrameType.Headers when (frame.Flags & Http2Frame.EndHeaders) == 0:
                case Http2FrameType.Continuation:
                    throw new InvalidDataException("Frames with padding, and headers in several frames, are not understood.");
                case Http2FrameType.Data:
                    Renew(frame.Payload.Length);
                    return true;
                case Http2FrameType.Headers or Http2FrameType.ResetStream:
                    return true;
                case Http2FrameType.Settings or Http2FrameType.Ping when (frame.Flags & Http2Frame.Ack) == 0:
                    Acknowledge(frame);
                    break;
                case Http2FrameType.GoAway:
                    throw new IOException("The server ends the connection.");
            }
        }

        return false;
    }

    public void Dispose() => _socket.Dispose();

    private void Acknowledge(in Http2Frame frame)
    {
        var payload = frame.Type == Http2FrameType.Ping ? frame.Payload : default;
        Http2Frame.WritePrefix(_control, payload.Length, frame.Type, Http2Frame.Ack, 0);
        payload.CopyTo(_control.AsSpan(Http2Frame.PrefixLength));
        Add(_control.AsSpan(0, Http2Frame.PrefixLength + payload.Length));
    }

    private void Renew(int length)
    {
        _consumed += length;
        if (_consumed >= Renewal)
        {
            Credit(Reserve(Http2Frame.PrefixLength + 4), _consumed);
            _consumed = 0;
        }
    }

    private static void Credit(Span<byte> destination, int bytes) =>
        BinaryPrimitives.WriteInt32BigEndian(destination[Http2Frame.WritePrefix(destination, 4, Http2FrameType.WindowUpdate, 0, 0)..], bytes);

    /// <summary>Streams may send what they like, the connection as well.</summary>
    private static byte[] Preface()
    {
        var magic = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;
        var preface = new byte[magic.Length + Http2Frame.PrefixLength + 18 + Http2Frame.PrefixLength + 4];
        magic.CopyTo(preface);
        var at = magic.Length;
        at += Http2Frame.WritePrefix(preface.AsSpan(at), 18, Http2FrameType.Settings, 0, 0);
        foreach (var (name, value) in new[] { (HeaderTableSize, 0), (EnablePush, 0), (InitialWindowSize, int.MaxValue) })
        {
            BinaryPrimitives.WriteUInt16BigEndian(preface.AsSpan(at), name);
            BinaryPrimitives.WriteInt32BigEndian(preface.AsSpan(at + 2), value);
            at += 6;
        }

        Credit(preface.AsSpan(at), int.MaxValue - ushort.MaxValue);
        return preface;
    }
}
