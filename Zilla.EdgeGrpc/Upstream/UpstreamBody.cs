using System.Net;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>The body of a request that is written while the response is read.</summary>
internal sealed class UpstreamBody : HttpContent
{
    private readonly TaskCompletionSource<Stream?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the head of the request is sent: what to write to. Null: the request has failed.</summary>
    public Task<Stream?> Started => _started.Task;

    /// <summary>Nothing follows.</summary>
    public void Complete() => _complete.TrySetResult();

    /// <summary>What the service has got of it is not all.</summary>
    public void Break()
    {
        _started.TrySetResult(null);
        _complete.TrySetCanceled();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Started.IsCompleted)
        {
            // On another connection, after the first has refused it. What was written went to the first.
            throw new IOException("A call cannot be sent twice.");
        }

        // Without, the head would wait for the first message.
        await stream.FlushAsync(cancellationToken);
        _started.TrySetResult(stream);
        await _complete.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
