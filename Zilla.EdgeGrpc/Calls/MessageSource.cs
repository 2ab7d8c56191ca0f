using System.Buffers;
using System.IO.Pipelines;
using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>The messages of a request body, one after the other.</summary>
internal abstract class MessageSource
{
    /// <summary>Valid until the next one is asked for.</summary>
    public ReadOnlyMemory<byte> Current { get; protected set; }

    /// <summary>False: there is none any more.</summary>
    /// <exception cref="CallException">What came is no message, or too large.</exception>
    public abstract ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken);
}

/// <summary>Of gRPC and gRPC-Web: frames.</summary>
/// <param name="exchange">The request.</param>
/// <param name="body">Its body, decoded where it is gRPC-Web's text.</param>
/// <param name="encoding">What compressed messages are compressed with.</param>
/// <param name="maximum">Bytes of a message, compressed or not.</param>
internal sealed class FrameSource(Exchange exchange, PipeReader body, string encoding, int maximum) : MessageSource
{
    private readonly ArrayBufferWriter<byte> _inflated = new();
    private SequencePosition? _consumed;

    public override async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (_consumed is { } consumed)
        {
            body.AdvanceTo(consumed);
            _consumed = null;
        }

        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            switch (MessageFrame.TryRead(ref buffer, maximum, out var frame))
            {
                case FrameStatus.Frame:
                    Current = Decode(frame);
                    _consumed = buffer.Start;
                    exchange.BytesReceived += MessageFrame.PrefixLength + frame.Body.Length;
                    return true;
                case FrameStatus.TooLarge:
                    throw TooLarge();
                case FrameStatus.Malformed:
                    throw new CallException(StatusCode.Internal, "The body is not a sequence of gRPC messages.");
            }

            body.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return buffer.IsEmpty ? false : throw new CallException(StatusCode.Internal, "The body ends within a message.");
            }
        }
    }

    private ReadOnlyMemory<byte> Decode(in MessageFrame frame)
    {
        if (!frame.IsCompressed)
        {
            return frame.Body.IsSingleSegment ? frame.Body.First : frame.Body.ToArray();
        }

        if (encoding != Encodings.Gzip)
        {
            throw new CallException(StatusCode.Internal, "A message is compressed, and grpc-encoding does not say how.");
        }

        _inflated.ResetWrittenCount();
        return Encodings.TryDecompress(frame.Body, maximum, _inflated, out var isTooLarge) ? _inflated.WrittenMemory
            : throw (isTooLarge ? TooLarge() : new CallException(StatusCode.Internal, "A compressed message is not gzip."));
    }

    private CallException TooLarge() => new(StatusCode.ResourceExhausted, $"A message is larger than the {maximum} bytes that are accepted.");
}
