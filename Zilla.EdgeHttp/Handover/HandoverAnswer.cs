using System.Buffers;
using System.IO.Pipelines;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>The answer of another edge on its way to the client, and how that ends for the client if the other edge does not bring it to its end.</summary>
internal sealed class HandoverAnswer(Exchange exchange)
{
    private readonly List<string> _headers = [];
    private CallForm? _form;
    private WebFrames? _frames;
    private bool _takesLine;

    /// <summary>Each piece goes on as it comes, and the trailers behind them.</summary>
    public async Task PassOnAsync(HttpResponseMessage from, CancellationToken cancellationToken)
    {
        var response = exchange.Response;
        Begin(from);
        var reader = PipeReader.Create(await from.Content.ReadAsStreamAsync(cancellationToken), new StreamPipeReaderOptions(bufferSize: 16 << 10, useZeroByteReads: true));
        var writer = response.BodyWriter;
        while (true)
        {
            var reading = reader.ReadAsync(cancellationToken);
            if (!reading.IsCompleted && !response.HasStarted && HttpProtocol.IsHttp2(exchange.Request.Protocol) && from.Headers.NonValidated.Contains("grpc-accept-encoding"))
            {
                // Metadata that are there before the first message are for the client to see.
                await writer.FlushAsync(cancellationToken);
            }

            var read = await reading;
            foreach (var piece in read.Buffer)
            {
                await writer.WriteAsync(piece, cancellationToken);
            }

            Follow(read.Buffer);
            exchange.BytesSent += read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        await reader.CompleteAsync();
        if (response.SupportsTrailers())
        {
            foreach (var (name, values) in from.TrailingHeaders.NonValidated)
            {
                response.AppendTrailer(name, values.ToArray());
            }
        }
    }

    /// <summary>Nothing more of it comes: a call ends with the status UNAVAILABLE, however far it is, unless that would have to stand within a message.</summary>
    public async Task BreakAsync(string reason)
    {
        var (response, status) = (exchange.Response, new Status(StatusCode.Unavailable, reason));
        if (!response.HasStarted)
        {
            Withdraw();
            response.Headers.RetryAfter = "1";
            await exchange.RejectAsync(StatusCodes.Status503ServiceUnavailable, reason);
        }
        else if (_form == CallForm.Grpc)
        {
            foreach (var (name, value) in status.Fields)
            {
                response.AppendTrailer(name, value);
            }
        }
        else if (_frames is { TakesAnother: true })
        {
            _frames.End(response.BodyWriter, status);
        }
        else if (_takesLine)
        {
            ErrorLine.Write(response.BodyWriter, status);
        }
        else if (_frames is not { HasEnded: true })
        {
            exchange.Context.Abort();
        }
    }

    /// <summary>The request turned out to be none: unless the other edge has answered it already, it is told so, and without what the head of an answer said.</summary>
    public Task RejectAsync(int status, string detail)
    {
        if (!exchange.Response.HasStarted)
        {
            Withdraw();
        }

        return exchange.RejectAsync(status, detail);
    }

    private void Withdraw() => _headers.ForEach(name => exchange.Response.Headers.Remove(name));

    private void Begin(HttpResponseMessage from)
    {
        var response = exchange.Response;
        response.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.NonValidated.Concat(from.Content.Headers.NonValidated))
        {
            if (!HandoverRequest.OfConnection.Contains(name))
            {
                response.Headers.Append(name, values.ToArray());
                _headers.Add(name);
            }
        }

        if (response.Headers.ContainsKey(Status.CodeField))
        {
            ExposedHeaders.Add(response);
        }

        _form = ContentType.FormOf(response.ContentType);
        _frames = _form is CallForm.Web or CallForm.WebText ? new WebFrames(_form == CallForm.WebText) : null;
        _takesLine = IsLines;
    }

    private bool IsLines => exchange.Response.ContentType == ContentType.Lines;

    private void Follow(in ReadOnlySequence<byte> piece)
    {
        _frames?.Pass(piece);
        if (!piece.IsEmpty && IsLines)
        {
            _takesLine = piece.Slice(piece.Length - 1).FirstSpan[0] == '\n';
        }
    }
}
