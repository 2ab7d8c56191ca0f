using System.IO.Pipelines;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>A body of <c>grpc-web-text</c> decoded as it comes.</summary>
internal static class WebTextBody
{
    /// <summary>Decodes until the body ends or the call does; what is not Base64 breaks the reader with a <see cref="CallException"/>.</summary>
    public static PipeReader Decode(PipeReader text, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        _ = CopyAsync(text, pipe.Writer, cancellationToken);
        return pipe.Reader;
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
