using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Zilla.Edge.Guards;
using Zilla.Edge.Guards.X509;
using Zilla.Edge.Tls;

namespace Zilla.Edge.Http.Guards;

/// <summary>What a client's certificate grants it: found out once per connection, and once more when a new plan brings another guard.</summary>
public static class PeerGrant
{
    /// <summary>Null: the client has shown no certificate.</summary>
    public static Grant? Of(HttpContext context, CertificateGuard guard)
    {
        if (context.Features.Get<ITlsFeature>()?.ClientCertificate is not { } certificate)
        {
            return null;
        }

        var items = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        lock (items)
        {
            if (!items.TryGetValue(typeof(PeerGrant), out var known) || known is not Known held || held.Guard != guard)
            {
                items[typeof(PeerGrant)] = held = new Known(guard, guard.Judge(certificate));
            }

            return held.Grant;
        }
    }

    private sealed record Known(CertificateGuard Guard, Grant? Grant);
}
