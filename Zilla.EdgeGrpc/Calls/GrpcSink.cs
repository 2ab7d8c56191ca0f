using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>gRPC over HTTP/2: frames, and the status in the trailers; without any message in the headers ("Trailers-Only").</summary>
internal sealed class GrpcSink : MessageSink
{
    private readonly string _encoding;

    public GrpcSink(Exchange exchange)
        : base(exchange)
    {
        _encoding = Encodings.Choose(exchange.Request.Headers["grpc-accept-encoding"]);
        Response.ContentType = ContentType.Of(CallForm.Grpc);
        Response.Headers["grpc-accept-encoding"] = Encodings.Accepted;
        if (_encoding != Encodings.Identity)
        {
            Response.Headers["grpc-encoding"] = _encoding;
        }
    }

    protected override void Write(ReadOnlySpan<byte> message, ReadOnlySpan<byte> more) => WriteFrame(Body, message, more, _encoding);

    public override async Task EndAsync(Status status, CancellationToken cancellationToken)
    {
        if (!Response.HasStarted)
        {
            Response.Headers.Remove("grpc-encoding");
            foreach (var (name, value) in Trailers(status))
            {
                Response.Headers.Append(name, value);
            }

            // The server sends them with the end of the response, as one.
            return;
        }

        foreach (var (name, value) in Trailers(status))
        {
            Response.AppendTrailer(name, value);
        }

        await FlushAsync(cancellationToken);
    }
}
