using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;

namespace Zilla.Edge.Tests.Fakes;

/// <summary>A call without a server: a body in, status and body out.</summary>
internal sealed class FakeContext
{
    private readonly DefaultHttpContext _context = new();
    private readonly MemoryStream _output = new();
    private readonly Trailing _trailing = new();

    public FakeContext(CallForm form, string path, PipeReader body)
    {
        _context.Features.Set<IHttpResponseFeature>(new Response(_output));
        _context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_output));
        _context.Features.Set<IHttpResponseTrailersFeature>(_trailing);
        _context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = path;
        var request = _context.Request;
        (request.Method, request.Protocol, request.Path) = (HttpMethods.Post, HttpProtocol.Http2, path);
        _context.Features.Set<IRequestBodyPipeFeature>(new Body(body));
        (request.ContentType, request.Headers.TE, request.Headers["grpc-encoding"]) = (ContentType.Of(form), "trailers", "gzip");
        Exchange = new Exchange(_context, new Listener(), NullLogger.Instance);
    }

    public Exchange Exchange { get; }

    public int StatusCode => _context.Response.StatusCode;

    public IHeaderDictionary Headers => _context.Response.Headers;

    public IHeaderDictionary Trailers => _trailing.Trailers;

    public async Task<byte[]> OutputAsync()
    {
        await _context.Response.BodyWriter.FlushAsync();
        return _output.ToArray();
    }

    private sealed class Response(MemoryStream output) : HttpResponseFeature
    {
        public override bool HasStarted => output.Length > 0;
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    private sealed class Trailing : IHttpResponseTrailersFeature
    {
        public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();
    }

    private sealed class Listener : IListenerFeature
    {
        public string Binding => "tcp";
        public int Port => 1;
        public CancellationToken Closing => CancellationToken.None;
    }
}
