using Zilla.Edge.Calls;
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

    protected override void Write(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> more) => WriteFrame(Body, message, more, _encoding);

    /// <summary>The server sends what is left with the end of the response, as one: an answer of one message takes one packet, and one way through the server's threads.</summary>
    public override Task EndAsync(Status status, CancellationToken cancellationToken)
    {
        var hasStarted = Response.HasStarted;
        if (!hasStarted)
        {
            Response.Headers.Remove("grpc-encoding");
        }

        foreach (var (name, value) in Trailers(status))
        {
            if (hasStarted)
            {
                Response.AppendTrailer(name, value);
            }
            else
            {
                Response.Headers.Append(name, value);
            }
        }

        return Task.CompletedTask;
    }
}
