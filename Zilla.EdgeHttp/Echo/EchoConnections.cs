using Microsoft.AspNetCore.Connections;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;

namespace Zilla.EdgeHttp.Echo;

/// <summary>Stands before Kestrel: the connections of ports that lead to an echo get back the bytes they send; the others pass.</summary>
internal sealed class EchoConnections(EdgeState<GatewayModel> state, IConnectionTarget next) : IConnectionTarget
{
    public async Task TakeAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        if (connection.Features.Get<IListenerFeature>() is not { } listener || !state.Current.IsEcho(listener.Binding, listener.Port))
        {
            await next.TakeAsync(connection, cancellationToken);
            return;
        }

        try
        {
            // Until the client says that it has no more, or the listener closes.
            await connection.Transport.Input.CopyToAsync(connection.Transport.Output, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What has been taken has been sent back.
        }

        await connection.Transport.Output.CompleteAsync();
        await connection.Transport.Input.CompleteAsync();
        await connection.DisposeAsync();
    }
}
