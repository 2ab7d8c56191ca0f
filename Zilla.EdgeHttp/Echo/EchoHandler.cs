using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Echo;

/// <summary>
/// An echo below an http server: 200 with the request's body and content type, sent back as it arrives. What has come and not yet gone back is
/// bounded: a client that does not read is not read from, so one that sends more than the buffers between hold has to read meanwhile.
/// </summary>
internal sealed class EchoHandler : IExchangeHandler
{
    private const int FlushBytes = 32 << 10;

    public async Task HandleAsync(Exchange exchange)
    {
        var (request, response) = (exchange.Request, exchange.Response);

        // Of any size, at any pace: nothing is kept.
        BodyLimits.LiftRequestSize(exchange);
        BodyLimits.LiftRequestRate(exchange);
        response.ContentType = request.ContentType;
        response.ContentLength = HasBody(exchange.Context.Features) ? request.ContentLength : 0;
        if (request.Headers.Expect.Count == 0)
        {
            // A client may want to see the answer begin before it sends; one that expects "100 Continue" gets that by the first read, while
            // nothing has been answered.
            await response.Body.FlushAsync(exchange.Aborted);
        }

        await CopyAsync(exchange);
    }

    private static async Task CopyAsync(Exchange exchange)
    {
        var (reader, writer) = (exchange.Request.BodyReader, exchange.Response.BodyWriter);
        while (true)
        {
            var read = await reader.ReadAsync(exchange.Aborted);
            await exchange.Response.StartAsync(exchange.Aborted); // before that, Kestrel's writer has no buffer to give
            var unflushed = 0;
            foreach (var piece in read.Buffer)
            {
                writer.Write(piece.Span);
                unflushed += piece.Length;
                if (unflushed >= FlushBytes)
                {
                    await writer.FlushAsync(exchange.Aborted);
                    unflushed = 0;
                }
            }

            if (unflushed > 0)
            {
                await writer.FlushAsync(exchange.Aborted);
            }

            exchange.BytesReceived += read.Buffer.Length;
            exchange.BytesSent = exchange.BytesReceived;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static bool HasBody(IFeatureCollection features) => features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
}
