using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Edge.Listeners;

namespace Zilla.Edge.Tls;

/// <summary>
/// Stands before the target: connections of ports that the plan has under a tls server shake hands first, the others pass. A handshake that fails
/// costs its connection.
/// </summary>
public sealed class TlsTermination(TlsState state, IConnectionTarget next, IOptions<ListenerOptions> options, TimeProvider time, ILogger<TlsTermination> logger)
    : IConnectionTarget
{
    public async Task TakeAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (connection.Features.Get<IListenerFeature>() is not { } listener || state.Current.Find(listener.Binding, listener.Port) is not { } server)
        {
            await next.TakeAsync(connection, cancellationToken);
            return;
        }

        if (await HandshakeAsync(connection, server, listener, cancellationToken) is not { } secured)
        {
            return;
        }

        try
        {
            await next.TakeAsync(secured, cancellationToken);
        }
        catch
        {
            secured.Abort();
            await secured.DisposeAsync();
            throw;
        }
    }

    /// <summary>Null: it has failed, and the connection is closed.</summary>
    private async Task<TlsConnection?> HandshakeAsync(ConnectionContext connection, TlsServer server, IListenerFeature listener, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new DuplexPipeStream(connection.Transport), leaveInnerStreamOpen: true);
        try
        {
            using var deadline = new CancellationTokenSource(options.Value.HandshakeTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var (serverName, trustedBy) = ("", new List<string>(0));
            await stream.AuthenticateAsServerAsync(
                (_, hello, _, _) => new ValueTask<SslServerAuthenticationOptions>(server.OptionsFor(serverName = hello.ServerName ?? "", listener.Port, trustedBy)),
                null,
                either.Token);
            var features = new TlsFeatures(stream, serverName, trustedBy);
            if (server.Routes.Find(features, listener.Port) is null)
            {
                throw new AuthenticationException($"no route takes '{serverName}' with protocol '{features.Protocol}'");
            }

            connection.Features.Set<ITlsFeature>(features);
            connection.Features.Set<ITlsConnectionFeature>(features);
            connection.Features.Set<ITlsApplicationProtocolFeature>(features);
            return new TlsConnection(connection, stream, time);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or ConnectionAbortedException or InvalidOperationException or NotSupportedException)
        {
            EdgeTelemetry.HandshakesFailed.Add(1);
            TlsLog.HandshakeFailed(logger, connection.RemoteEndPoint, server.Name, e is OperationCanceledException ? "not done in time" : e.InnerException?.Message ?? e.Message);
            await stream.DisposeAsync();
            connection.Abort(new ConnectionAbortedException(e.Message));
            await connection.DisposeAsync();
            return null;
        }
    }
}
