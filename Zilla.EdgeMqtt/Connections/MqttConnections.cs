using Microsoft.AspNetCore.Connections;
using Zilla.Edge.Guards;
using Zilla.Edge.Guards.X509;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Edge.Tls;
using Zilla.EdgeMqtt.Server;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>Stands before Kestrel: connections of ports that lead to an mqtt server are served here; the others pass, since WebSockets begin with HTTP.</summary>
internal sealed class MqttConnections(EdgeState<GatewayModel> state, MqttParts parts, IConnectionTarget next) : IConnectionTarget
{
    public Task TakeAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var (model, tls) = (state.Current, connection.Features.Get<ITlsFeature>());
        if (connection.Features.Get<IListenerFeature>() is not { } listener || model.FindOther(listener, tls) is not MqttServerModel server)
        {
            return next.TakeAsync(connection, cancellationToken);
        }

        // Not awaited: what stands before would stay in memory for as long as the client is connected.
        _ = new MqttConnection(connection, server, parts, current => current.FindOther(listener, tls) as MqttServerModel).RunAsync(GrantsOf(model.Guard(listener), tls));
        return Task.CompletedTask;
    }

    /// <summary>What a client's certificate grants it.</summary>
    private static Grants GrantsOf(CertificateGuard? guard, ITlsFeature? tls) =>
        guard is not null && tls?.ClientCertificate is { } certificate && guard.Judge(certificate) is { } grant ? Grants.None.With(grant) : Grants.None;
}
