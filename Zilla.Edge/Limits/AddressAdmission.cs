using System.Net;
using Microsoft.AspNetCore.Connections;
using Zilla.Edge.Listeners;

namespace Zilla.Edge.Limits;

/// <summary>Stands after the PROXY preamble, which says where a connection comes from, and before TLS, which costs: a connection beyond the limit of its address is closed.</summary>
internal sealed class AddressAdmission(IConnectionTarget next) : IConnectionTarget
{
    public async Task TakeAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        if (connection.Features.Get<ConnectionLimiter>() is { } limiter)
        {
            var client = connection.RemoteEndPoint;
            if (!limiter.TryEnterFrom(client))
            {
                connection.Abort(new ConnectionAbortedException("Too many connections from this address."));
                await connection.DisposeAsync();
                return;
            }

            connection.ConnectionClosed.UnsafeRegister(static entered => ((Entered)entered!).Leave(), new Entered(limiter, client));
        }

        await next.TakeAsync(connection, cancellationToken);
    }

    private sealed class Entered(ConnectionLimiter limiter, EndPoint? client)
    {
        public void Leave() => limiter.LeaveFrom(client);
    }
}
