using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;

namespace Zilla.Edge.Proxy;

/// <summary>
/// Stands before TLS: on ports that the plan has under a proxy server a preamble comes first, and the connection's ends become those that it names.
/// What follows is taken as if the exit of its route were the listener. A connection without preamble is closed: whoever could leave it out could lie.
/// </summary>
internal sealed class ProxyTermination(
    EdgeState<ProxyModel> state, IConnectionTarget next, IOptions<ListenerOptions> options, TimeProvider time, ILogger<ProxyTermination> logger) : IConnectionTarget
{
    public async Task TakeAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        if (connection.Features.Get<IListenerFeature>() is not { } listener || state.Current.Find(listener.Binding, listener.Port) is not { } routes)
        {
            await next.TakeAsync(connection, cancellationToken);
            return;
        }

        var (header, problem) = await ReadAsync(connection, cancellationToken);
        var exit = header is null ? null : routes.Find(header, connection.RemoteEndPoint, connection.LocalEndPoint);
        if (header is null || exit is null)
        {
            EdgeTelemetry.PreamblesRefused.Add(1);
            ProxyLog.Refused(logger, connection.RemoteEndPoint, listener.Binding, problem ?? "no route takes it");
            connection.Abort(new ConnectionAbortedException(problem ?? "no route"));
            await connection.DisposeAsync();
            return;
        }

        connection.RemoteEndPoint = header.Source ?? connection.RemoteEndPoint;
        connection.LocalEndPoint = header.Destination ?? connection.LocalEndPoint;
        connection.Features.Set<IListenerFeature>(new Entrance(listener, exit));
        if (header.Secure is not null)
        {
            var before = new TlsBefore();
            connection.Features.Set<ITlsConnectionFeature>(before);
            connection.Features.Set<ITlsApplicationProtocolFeature>(before);
        }

        await next.TakeAsync(connection, cancellationToken);
    }

    private async Task<(ProxyHeader? Header, string? Problem)> ReadAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.PrefaceTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(either.Token);
                switch (ProxyPreamble.TryRead(read.Buffer, out var header, out var length, out var problem))
                {
                    case ProxyRead.Done:
                        input.AdvanceTo(read.Buffer.GetPosition(length));
                        return (header, null);
                    case ProxyRead.Malformed:
                        input.AdvanceTo(read.Buffer.Start);
                        return (null, problem);
                    default:
                        input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                        if (read.IsCompleted)
                        {
                            return (null, "the connection ended inside the preamble");
                        }

                        break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return (null, e is OperationCanceledException ? "no preamble in time" : e.Message);
        }
    }

    /// <summary>The exit of a proxy route in place of the listener: the models of what follows know it by that name.</summary>
    private sealed class Entrance(IListenerFeature listener, string binding) : IListenerFeature
    {
        public string Binding => binding;
        public int Port => listener.Port;
        public CancellationToken Closing => listener.Closing;
    }

    /// <summary>The client spoke TLS with the load balancer: to Kestrel the scheme of its requests is https.</summary>
    private sealed class TlsBefore : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        // The bytes have told HTTP/2 from HTTP/1.1 when Kestrel asks, and it asks for HTTP/2 alone.
        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();

        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
