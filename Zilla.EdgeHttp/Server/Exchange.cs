using Microsoft.AspNetCore.Http.Features;
using Zilla.Edge.Listeners;
using Zilla.EdgeHttp.Problems;

namespace Zilla.EdgeHttp.Server;

/// <summary>One request and its response on their way through the bindings.</summary>
internal sealed class Exchange(HttpContext context, IListenerFeature listener)
{
    public HttpContext Context { get; } = context;

    public HttpRequest Request => Context.Request;
    public HttpResponse Response => Context.Response;

    /// <summary>The <c>:path</c> pseudo header: path and query as the client wrote them, nothing decoded.</summary>
    public string Path { get; } = RawPath(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <summary>The client has gone.</summary>
    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>The listener is being closed: whatever waits or streams must come to an end in order.</summary>
    public CancellationToken Closing => listener.Closing;

    public Task RejectAsync(int status, string detail) => Problem.RejectAsync(Context, status, detail);

    /// <summary>A request line may hold an absolute URL (RFC 9112 §3.2.2).</summary>
    private static string RawPath(string target)
    {
        if (target.StartsWith('/') || target.IndexOf("://", StringComparison.Ordinal) is not (> 0 and var scheme))
        {
            return target;
        }

        var path = target.AsSpan(scheme + 3).IndexOfAny('/', '?') is var found and >= 0 ? target[(scheme + 3 + found)..] : "";
        return path.StartsWith('/') ? path : "/" + path;
    }
}
