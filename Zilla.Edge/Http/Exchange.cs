using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Zilla.Edge.Calls;
using Zilla.Edge.Guards;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Http.Problems;
using Zilla.Edge.Listeners;
using Zilla.Edge.Telemetry;

namespace Zilla.Edge.Http;

/// <summary>One request and its response on their way through the bindings.</summary>
public sealed class Exchange(HttpContext context, IListenerFeature listener, ILogger logger)
{
    private List<StreamCount>? _streams;
    private ConnectionLeases? _leases;
    private Grant? _leased;
    private GuardLease? _lease;
    private CancellationTokenSource? _closing;

    public HttpContext Context { get; } = context;

    /// <summary>Through which it came in.</summary>
    public IListenerFeature Listener { get; } = listener;

    public HttpRequest Request => Context.Request;
    public HttpResponse Response => Context.Response;

    /// <summary>The <c>:path</c> pseudo header: path and query as the client wrote them, nothing decoded; credentials alone are taken out.</summary>
    public string Path { get; set; } = RawPath(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <summary>The path pattern that took it, the innermost of them: what it is called in traces and metrics. Null: none.</summary>
    public string? Route { get; private set; }

    /// <summary>The http server answers for cross-origin requests; what a service behind it says of them does not count.</summary>
    public bool HasCrossOriginPolicy { get; set; }

    /// <summary>Of a request body without Content-Length.</summary>
    public long BytesReceived
    {
        get;
        set
        {
            var more = value - field;
            field = value;
            if (_streams is not null)
            {
                foreach (var count in _streams)
                {
                    count.Received(more);
                }
            }
        }
    }

    /// <summary>Of a response body without Content-Length.</summary>
    public long BytesSent
    {
        get;
        set
        {
            var more = value - field;
            field = value;
            if (_streams is not null)
            {
                foreach (var count in _streams)
                {
                    count.Sent(more);
                }
            }
        }
    }

    /// <summary>What has let it in; null: there are no limits.</summary>
    public ServerAdmission? Admission { get; set; }

    /// <summary>It counts as an event stream, no longer as a request under way.</summary>
    public bool IsStream { get; set; }

    /// <summary>The client has gone.</summary>
    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>How the guard of the http server thinks of it.</summary>
    public Standing Standing { get; set; }

    /// <summary>A route would take it, were its client granted more.</summary>
    public bool IsWithheld { get; set; }

    /// <summary>What guards have granted the client.</summary>
    public Grants Grants { get; private set; } = Grants.None;

    /// <summary>The listener is being closed, or what the client has been granted has expired: whatever waits or streams must come to an end in order.</summary>
    public CancellationToken Closing => Lease is { } lease
        ? (_closing ??= Disposed(CancellationTokenSource.CreateLinkedTokenSource(Listener.Closing, lease.Expired))).Token
        : Listener.Closing;

    /// <summary>What a stream lives on; null: on nothing that expires. Opened when first asked for, since most requests are done long before.</summary>
    public GuardLease? Lease => _leased is { Expires: not null } grant ? _lease ??= Disposed(_leases!.Open(grant)) : null;

    /// <summary>The client has been granted that for as long as its connection stays.</summary>
    public void Accept(Grant grant) => Grants = Grants.With(grant);

    /// <summary>The credentials of the request are good; what it opens is prolonged by later ones on the same connection.</summary>
    public void Accept(Grant grant, ConnectionLeases leases)
    {
        (Standing, Grants) = (Standing.Accepted, Grants.With(grant));
        (_leased, _leases) = (grant, leases);
    }

    /// <summary>What the client has been granted has expired, which <see cref="Closing"/> is cancelled for.</summary>
    public bool HasExpired => Lease is { Expired.IsCancellationRequested: true };

    /// <summary>A route has taken it; null: whatever its path.</summary>
    public void TakenBy(string? pattern) => Route = pattern ?? Route;

    /// <summary>A route of an http server has taken it.</summary>
    public void AcceptedBy(string server)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            ServerLog.Accepted(logger, server, Request.Method, Request.Scheme, Request.Host, Request.Path, RequestTrace.IdOf(Context));
        }
    }

    /// <summary>It is a stream of another binding.</summary>
    internal StreamCount Measure(StreamMetrics metrics)
    {
        var count = metrics.Open();
        (_streams ??= []).Add(count);
        Response.OnStarting(
            static state =>
            {
                ((StreamCount)state).Answer();
                return Task.CompletedTask;
            },
            count);
        return count;
    }

    /// <summary>It has gone through that binding.</summary>
    internal void Measured(StreamCount count, bool failed)
    {
        count.Received(Math.Max(0, (Request.ContentLength ?? 0) - BytesReceived));
        if (!failed)
        {
            // One without a body begins when it ends.
            count.Answer();
            count.Sent(Math.Max(0, (Response.ContentLength ?? 0) - BytesSent));
        }

        count.ReceivedAll(failed);
        count.SentAll(failed);
        _streams!.Remove(count);
    }

    /// <inheritdoc cref="Rejection.RejectAsync(HttpContext, int, string, Status?)"/>
    public Task RejectAsync(int status, string detail, Status? call = null) => Rejection.RejectAsync(Context, status, detail, call);

    private T Disposed<T>(T resource)
        where T : IDisposable
    {
        Response.RegisterForDispose(resource);
        return resource;
    }

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
