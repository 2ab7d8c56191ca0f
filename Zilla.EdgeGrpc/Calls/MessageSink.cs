using System.Buffers;
using System.IO.Pipelines;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>The response of a call: metadata, messages, and its status at the end.</summary>
internal abstract class MessageSink(Exchange exchange)
{
    /// <summary>Up to this size a frame is written in one piece; a buffer's end that is shorter stays unused then.</summary>
    private const int OnePiece = 1024;

    private List<KeyValuePair<string, string>>? _trailers;
    private PipeWriter? _body;
    private bool _hasStarted;

    /// <summary>Bytes that are written and not sent.</summary>
    public long Unflushed { get; protected set; }

    /// <summary>Messages that are written.</summary>
    public long Count { get; private set; }

    protected Exchange Exchange => exchange;

    protected HttpResponse Response => exchange.Response;

    protected PipeWriter Body => _body ??= exchange.Response.BodyWriter;

    /// <summary>With the headers; what HTTP cannot carry is left out.</summary>
    public void Add(in Metadatum metadatum)
    {
        if (!Response.HasStarted && CallMetadata.TryText(metadatum, out var text))
        {
            Response.Headers.Append(metadatum.Name, text);
        }
    }

    /// <summary>With the status.</summary>
    public void AddTrailer(in Metadatum metadatum)
    {
        if (CallMetadata.TryText(metadatum, out var text))
        {
            (_trailers ??= []).Add(new(metadatum.Name, text));
        }
    }

    /// <summary>Sends the metadata before there is a message, if nothing else of the head depends on one.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        if (BeginsWithMessage && !Response.HasStarted)
        {
            await Response.StartAsync(cancellationToken);
            await Body.FlushAsync(cancellationToken);
        }
    }

    /// <param name="message">The message.</param>
    /// <param name="more">What follows it within the same message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more, CancellationToken cancellationToken)
    {
        if (BeginsWithMessage && !_hasStarted)
        {
            return StartAsync(message, more, cancellationToken);
        }

        Write(message, more);
        Count++;
        return default;
    }

    /// <summary>Nothing of the response depends any more on how the call ends once there is a message.</summary>
    protected virtual bool BeginsWithMessage => true;

    protected abstract void Write(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more);

    public virtual async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Unflushed = 0;
        await Body.FlushAsync(cancellationToken);
    }

    public abstract Task EndAsync(Status status, CancellationToken cancellationToken);

    protected IEnumerable<KeyValuePair<string, string>> Trailers(Status status) => _trailers is null ? status.Fields : status.Fields.Concat(_trailers);

    private async ValueTask StartAsync(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more, CancellationToken cancellationToken)
    {
        _hasStarted = true;
        if (!Response.HasStarted)
        {
            // Before that, the writer has no buffer to give.
            await Response.StartAsync(cancellationToken);
        }

        Write(message, more);
        Count++;
    }

    /// <summary>The whole message; copied only where it is in two pieces.</summary>
    protected static ReadOnlySequence<byte> Joined(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more) => new(more.IsEmpty ? message : (byte[])[.. message.Span, .. more.Span]);

    /// <summary>To be written to again. A stream may be quiet for long after a large message, and does not keep as much for that.</summary>
    protected static ArrayBufferWriter<byte> Emptied(ArrayBufferWriter<byte> written)
    {
        if (written.Capacity > MessageBudget.Step)
        {
            return new();
        }

        written.ResetWrittenCount();
        return written;
    }

    /// <summary>A message as a frame, compressed where the client takes it and it is worth it.</summary>
    protected void WriteFrame(IBufferWriter<byte> destination, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more, string encoding)
    {
        var length = message.Length + more.Length;
        if (encoding == Encodings.Gzip && length >= Encodings.Worthwhile)
        {
            using var compressed = new MemoryStream();
            Encodings.Compress(Joined(message, more), compressed);
            MessageFrame.WritePrefix(destination, MessageFrame.Compressed, (int)compressed.Length);
            destination.Write(compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
            length = (int)compressed.Length;
        }
        else if (length <= OnePiece)
        {
            // The server takes a lock each time that it is asked for room.
            var frame = destination.GetSpan(MessageFrame.PrefixLength + length);
            MessageFrame.WritePrefix(frame, 0, length);
            message.Span.CopyTo(frame[MessageFrame.PrefixLength..]);
            more.Span.CopyTo(frame[(MessageFrame.PrefixLength + message.Length)..]);
            destination.Advance(MessageFrame.PrefixLength + length);
        }
        else
        {
            MessageFrame.WritePrefix(destination, 0, length);
            destination.Write(message.Span);
            destination.Write(more.Span);
        }

        Unflushed += MessageFrame.PrefixLength + length;
        exchange.BytesSent += MessageFrame.PrefixLength + length;
    }
}
