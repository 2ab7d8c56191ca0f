using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using Zilla.Edge;
using Zilla.Edge.Calls;
using Zilla.Edge.Tls;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>
/// The way to one service: calls of any method, at the level of messages, over as many HTTP/2 connections as they need. Connections come with the first call.
/// </summary>
internal sealed class UpstreamChannel(UpstreamTarget target, TlsState tls, UpstreamOptions options, MessageBudget budget)
{
    private const int TcpKeepAliveTries = 3;

    private static readonly MediaTypeHeaderValue ContentTypeHeader = new("application/grpc");

    private readonly Lock _gate = new();
    private Connections? _current;

    public UpstreamTarget Target => target;

    /// <summary>Begins a call: it is on its way when this completes, or has failed, which is then its status.</summary>
    /// <param name="service"><c>package.Service</c></param>
    /// <param name="method">Its method.</param>
    /// <param name="metadata">What HTTP cannot carry, or is not an application's to say, is left out.</param>
    /// <param name="cancel">Ends the call; the service is told.</param>
    /// <param name="timeout">What is left of the call's time, for the service to know; null: no end.</param>
    /// <param name="isAlone">On a connection of its own: what breaks that is this call's doing, and no other call's loss.</param>
    /// <param name="clock">The time that the service has for it here; null: any.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancel"/>.</exception>
    public async ValueTask<UpstreamCall> StartAsync(
        string service, string method, IEnumerable<Metadatum> metadata, CancellationToken cancel, TimeSpan? timeout = null, bool isAlone = false, CallClock? clock = null)
    {
        var activity = EdgeTelemetry.Activities.HasListeners() ? EdgeTelemetry.Activities.StartActivity($"{service}/{method}", ActivityKind.Client) : null;
        activity?.SetTag("rpc.system", "grpc").SetTag("rpc.service", service).SetTag("rpc.method", method).SetTag("server.address", target.Host).SetTag("server.port", target.Port);
        var body = new UpstreamBody();
        body.Headers.ContentType = ContentTypeHeader;
        var path = $"/{service}/{method}";
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(target.Origin + target.Overrides.PathOf(path)))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        Write(request, body, metadata, timeout, target.Overrides, path);
        var refused = UpstreamLimits.Problem(request, options) is { } problem ? new Status(StatusCode.ResourceExhausted, problem) : (Status?)null;
        var client = target.Tls is { } name ? tls.Current.FindClient(name) : null;
        var call = new UpstreamCall(target, budget, isAlone ? Connect(client) : Current(client), isAlone, request, refused, body, activity, clock, cancel);
        await body.Started;
        return call;
    }

    /// <summary>Whether it can be dialled just now.</summary>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await DialAsync(cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Write(HttpRequestMessage request, UpstreamBody body, IEnumerable<Metadatum> metadata, TimeSpan? timeout, HeaderOverrides overrides, string path)
    {
        var headers = request.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        if (!overrides.Has("user-agent"))
        {
            headers.TryAddWithoutValidation("user-agent", "zilla-aspire");
        }

        headers.TryAddWithoutValidation("grpc-accept-encoding", Encodings.Accepted);
        if (timeout is { } left)
        {
            headers.TryAddWithoutValidation("grpc-timeout", CallTimeout.Format(left));
        }

        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current)
        {
            headers.TryAddWithoutValidation("traceparent", id);
            if (current.TraceStateString is { Length: > 0 } state)
            {
                headers.TryAddWithoutValidation("tracestate", state);
            }
        }

        foreach (var metadatum in metadata)
        {
            if (!overrides.Has(metadatum.Name) && CallMetadata.TryText(metadatum, out var text))
            {
                Add(metadatum.Name, text);
            }
        }

        foreach (var (name, value) in overrides.HeadersOf(path))
        {
            Add(name, value);
        }

        void Add(string name, string value)
        {
            if (!headers.TryAddWithoutValidation(name, value))
            {
                // A name such as "expires", which the library counts among those of the content.
                body.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    /// <summary>Other certificates want other connections; calls on those before go on.</summary>
    private HttpMessageInvoker Current(TlsClient? client)
    {
        lock (_gate)
        {
            if (_current is null || _current.Tls != client)
            {
                _current = new Connections(client, Connect(client));
            }

            return _current.Invoker;
        }
    }

    private HttpMessageInvoker Connect(TlsClient? client)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = UpstreamLimits.MostConnection,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionIdleTimeout = options.IdleTimeout,
            PooledConnectionLifetime = options.Lifetime,
            KeepAlivePingDelay = options.KeepAlive,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = (_, cancellationToken) => client is null ? DialAsync(cancellationToken) : SecureAsync(client, cancellationToken),
        };
        return new HttpMessageInvoker(handler);
    }

    /// <summary>Not the library's to do, which would have the certificate be for whom calls are addressed to, whatever <c>sni</c> says.</summary>
    private async ValueTask<Stream> SecureAsync(TlsClient client, CancellationToken cancellationToken)
    {
        var secured = new SslStream(await DialAsync(cancellationToken));
        try
        {
            var how = client.Options();
            how.TargetHost ??= target.ServerName;
            how.ApplicationProtocols = [SslApplicationProtocol.Http2];
            await secured.AuthenticateAsClientAsync(how, cancellationToken);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }

    /// <summary>What is dialled need not be who is asked for.</summary>
    private async ValueTask<Stream> DialAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)Math.Ceiling(options.TcpKeepAlive.TotalSeconds));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)Math.Ceiling(options.TcpKeepAliveInterval.TotalSeconds));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, TcpKeepAliveTries);
            await socket.ConnectAsync(new DnsEndPoint(target.Host, target.Port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed record Connections(TlsClient? Tls, HttpMessageInvoker Invoker);
}
