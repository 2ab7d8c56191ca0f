using System.Buffers;
using System.IO.Pipelines;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Messages;

/// <summary>Reads the messages of a body one after the other, be it of a request or a response.</summary>
/// <param name="body">What frames come from.</param>
/// <param name="encoding">What compressed messages are compressed with.</param>
/// <param name="maximum">Bytes of a message, compressed or not.</param>
/// <param name="budget">What all messages may take.</param>
/// <param name="connection">Of the client whose messages they are; null: they are a service's.</param>
/// <param name="pace">How messages that have begun have to go on; null: at any pace.</param>
internal sealed class FrameReader(PipeReader body, string encoding, int maximum, MessageBudget budget, string? connection = null, MessagePace? pace = null) : IDisposable
{
    private readonly MessageShare _share = new(budget, connection);
    private BegunMessage? _begun;
    private ArrayBufferWriter<byte>? _inflated;
    private SequencePosition? _consumed;
    private ReadOnlySequence<byte> _rest;
    private byte[]? _rented;

    /// <summary>Valid until the next one is asked for.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>Whether the next one is there, so that it need not be waited for.</summary>
    public bool HasNext
    {
        get
        {
            var rest = _rest;
            return MessageFrame.TryRead(ref rest, maximum, out _) == FrameStatus.Frame;
        }
    }

    /// <summary>Bytes of the frames so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>False: there is none any more.</summary>
    /// <exception cref="CallException">What came is no message, too large, by itself or with all the others, or does not go on.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        Release();
        var come = 0L;
        while (true)
        {
            var read = come == 0 || pace is null ? await body.ReadAsync(cancellationToken) : await (_begun ??= new(pace)).ReadAsync(body, come, cancellationToken);
            var buffer = read.Buffer;
            switch (MessageFrame.TryRead(ref buffer, maximum, out var frame))
            {
                case FrameStatus.Frame:
                    _begun?.Dispose();
                    (_consumed, _rest) = (buffer.Start, buffer);
                    Current = Decode(frame);
                    BytesRead += MessageFrame.PrefixLength + frame.Body.Length;
                    return true;
                case FrameStatus.TooLarge:
                    throw TooLarge();
                case FrameStatus.Malformed:
                    throw new CallException(StatusCode.Internal, "The body is not a sequence of gRPC messages.");
            }

            // It stays in the body's buffer, which grows by that, until it is whole.
            come = buffer.Length;
            _share.Hold(come);
            body.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return buffer.IsEmpty ? false : throw new CallException(StatusCode.Internal, "The body ends within a message.");
            }
        }
    }

    /// <summary>The current message is not needed any more.</summary>
    public void Release()
    {
        Current = default;
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }

        if (_consumed is { } consumed)
        {
            (_consumed, _rest) = (null, default);
            body.AdvanceTo(consumed);
        }

        if (_inflated is { Capacity: > MessageBudget.Step })
        {
            // A stream may be quiet for long from here on.
            _inflated = null;
        }

        _share.Release();
    }

    /// <summary>Nothing more is read. The body is its owner's to end.</summary>
    public void Dispose()
    {
        _begun?.Dispose();
        _share.Release();
    }

    private ReadOnlyMemory<byte> Decode(in MessageFrame frame)
    {
        _share.Hold(frame.Body.Length);
        if (!frame.IsCompressed)
        {
            return frame.Body.IsSingleSegment ? frame.Body.First : Joined(frame.Body);
        }

        if (encoding != Encodings.Gzip)
        {
            throw new CallException(StatusCode.Internal, "A message is compressed, and grpc-encoding does not say how.");
        }

        _inflated ??= new();
        _inflated.ResetWrittenCount();
        if (!Encodings.TryDecompress(frame.Body, maximum, _inflated, out var isTooLarge))
        {
            throw isTooLarge ? TooLarge() : new CallException(StatusCode.Internal, "A compressed message is not gzip.");
        }

        _share.Hold(frame.Body.Length + _inflated.Capacity);
        return _inflated.WrittenMemory;
    }

    private ReadOnlyMemory<byte> Joined(in ReadOnlySequence<byte> message)
    {
        _share.Hold(2 * message.Length);
        _rented = ArrayPool<byte>.Shared.Rent((int)message.Length);
        message.CopyTo(_rented);
        return _rented.AsMemory(0, (int)message.Length);
    }

    private CallException TooLarge() => new(StatusCode.ResourceExhausted, $"A message is larger than the {maximum} bytes that are accepted.");
}
