using System.IO.Pipelines;
using System.Net;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>The body of a request on its way to another edge: each piece goes on as it comes, and no faster than it is taken.</summary>
internal sealed class HandoverBody(Exchange exchange) : HttpContent
{
    /// <summary>Some of it has gone to an instance, so that no other can have all of it.</summary>
    public bool IsUsed { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (IsUsed)
        {
            throw new IOException("A body that has been read cannot be sent again.");
        }

        // Without, the head would wait for the first piece.
        await stream.FlushAsync(cancellationToken);
        for (var body = exchange.Request.BodyReader; ;)
        {
            var read = await body.ReadAsync(cancellationToken);
            IsUsed |= !read.Buffer.IsEmpty;
            await WriteAsync(stream, read, cancellationToken);
            exchange.BytesReceived += read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }

    private static async Task WriteAsync(Stream stream, ReadResult read, CancellationToken cancellationToken)
    {
        foreach (var piece in read.Buffer)
        {
            await stream.WriteAsync(piece, cancellationToken);
        }

        if (!read.IsCompleted)
        {
            await stream.FlushAsync(cancellationToken);
        }
    }
}
