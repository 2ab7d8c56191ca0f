using System.Buffers;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>gRPC-Web: frames, the last of them the trailers; as text each write is Base64 of its own.</summary>
internal sealed class WebSink : MessageSink
{
    private readonly bool _isText;
    private ArrayBufferWriter<byte> _piece = new();

    public WebSink(Exchange exchange, CallForm form)
        : base(exchange)
    {
        _isText = form == CallForm.WebText;
        Response.ContentType = ContentType.Of(form);
    }

    protected override void Write(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more)
    {
        WriteFrame(_isText ? _piece : Body, message, more, Encodings.Identity);
        WritePiece();
    }

    public override async Task EndAsync(Status status, CancellationToken cancellationToken)
    {
        if (!Response.HasStarted)
        {
            await Response.StartAsync(cancellationToken);
        }

        WebTrailers.Write(_isText ? _piece : Body, Trailers(status));
        WritePiece();
    }

    private void WritePiece()
    {
        if (_isText)
        {
            WebText.Encode(_piece.WrittenSpan, Body);
            _piece = Emptied(_piece);
        }
    }
}
