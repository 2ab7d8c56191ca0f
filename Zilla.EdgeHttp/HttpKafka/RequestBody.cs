using System.Buffers;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.HttpKafka;

internal static class RequestBody
{
    /// <summary>
    /// The whole body, in the buffers that it arrived in (advance the reader when done with it), or null when it exceeds
    /// <paramref name="limit"/>: by its Content-Length at once, else as soon as it does.
    /// </summary>
    public static async Task<ReadOnlySequence<byte>?> ReadAsync(Exchange exchange, int limit)
    {
        BodyLimits.LiftRequestSize(exchange);
        if (exchange.Request.ContentLength > limit)
        {
            return null;
        }

        var reader = exchange.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(exchange.Aborted);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                exchange.BytesReceived = read.Buffer.Length;
                return read.Buffer;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
