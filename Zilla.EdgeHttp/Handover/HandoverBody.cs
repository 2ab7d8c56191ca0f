using System.IO.Pipelines;
using System.Net;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>The body of a request on its way to another edge: each piece goes on as it comes, and no faster than it is taken. One instance may be asked after the other while none has had any of it.</summary>
internal sealed class HandoverBody(Exchange exchange) : HttpContent
{
    private Task _sending = Task.CompletedTask;

    /// <summary>Some of it has gone to an instance, or that there is nothing of it, so that no other can have all of it.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>What keeps it from being read, which is its client's doing: it is no body, or the client has gone. Null: nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>
    /// Returns when nobody reads of the request any more, who has been told not to. The answer may be there before the body is; and a reader that outlives its request reads the next one's from the same place.
    /// </summary>
    public async Task EndAsync() => await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => _sending = SendAsync(_sending, stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }

    /// <param name="before">To another instance, or on another connection.</param>
    /// <param name="stream">What to write to.</param>
    /// <param name="cancellationToken">Nobody takes it any more.</param>
    private async Task SendAsync(Task before, Stream stream, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsUsed)
        {
            throw new IOException("A body that has been read cannot be sent again.");
        }

        // Without, the head would wait for the first piece.
        await stream.FlushAsync(cancellationToken);
        for (var body = exchange.Request.BodyReader; ;)
        {
            var read = await ReadAsync(body, cancellationToken);
            IsUsed |= !read.Buffer.IsEmpty || read.IsCompleted;
            await WriteAsync(stream, read, cancellationToken);
            exchange.BytesReceived += read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private async ValueTask<ReadResult> ReadAsync(PipeReader body, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Failure = e;
            throw;
        }
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
