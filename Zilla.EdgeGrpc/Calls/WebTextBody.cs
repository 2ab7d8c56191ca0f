using System.IO.Pipelines;
using Zilla.Edge.Calls;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>A body of <c>grpc-web-text</c> decoded as it comes. Disposed of before the request ends, whose body it reads.</summary>
internal sealed class WebTextBody : IAsyncDisposable
{
    private readonly Pipe _decoded = new();
    private readonly CancellationTokenSource _ended;
    private readonly Task _copying;

    /// <param name="text">The body.</param>
    /// <param name="cancellationToken">The call is over.</param>
    public WebTextBody(PipeReader text, CancellationToken cancellationToken)
    {
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _copying = CopyAsync(text, _decoded.Writer, _ended.Token);
    }

    /// <summary>What is not Base64 breaks it with a <see cref="CallException"/>.</summary>
    public PipeReader Reader => _decoded.Reader;

    public async ValueTask DisposeAsync()
    {
        await _decoded.Reader.CompleteAsync();
        await _ended.CancelAsync();
        await _copying;
        _ended.Dispose();
    }

    private static async Task CopyAsync(PipeReader text, PipeWriter decoded, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await text.ReadAsync(cancellationToken);
                var buffer = read.Buffer;
                if (!WebText.TryDecode(ref buffer, decoded) || (read.IsCompleted && !buffer.IsEmpty))
                {
                    throw new CallException(StatusCode.Internal, "The body is not Base64.");
                }

                text.AdvanceTo(buffer.Start, buffer.End);
                var flushed = await decoded.FlushAsync(cancellationToken);
                if (read.IsCompleted || flushed.IsCompleted)
                {
                    break;
                }
            }

            await decoded.CompleteAsync();
        }
        catch (Exception e)
        {
            await decoded.CompleteAsync(e);
        }
    }
}
