using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Zilla.Edge.Guards;

namespace Zilla.Edge.Http.Guards;

/// <summary>An http server's <c>authorization</c>, compiled: has a guard judge what its requests carry.</summary>
public sealed class HttpGuard(ICredentialGuard guard, CredentialPlaces places, TimeProvider time)
{
    private const string ChallengeResponse = "application/x-challenge-response";
    private static readonly object LeasesOfConnection = new();

    /// <summary>Whether the request does nothing but show newer credentials (reference §4.2).</summary>
    public static bool IsChallengeResponse(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && string.Equals(request.ContentType, ChallengeResponse, StringComparison.OrdinalIgnoreCase);

    /// <summary>Finds out how the exchange stands. Accepted credentials prolong what their client has open on the same connection.</summary>
    public async ValueTask JudgeAsync(Exchange exchange)
    {
        if (places.Take(exchange) is not { } credentials)
        {
            exchange.Standing = Standing.Missing;
            return;
        }

        var verdict = await guard.JudgeAsync(credentials, exchange.Aborted);
        if (verdict.Grant is not { } grant)
        {
            exchange.Standing = verdict.Refusal == Refusal.KeysUnavailable ? Standing.Undecided : Standing.Refused;
            return;
        }

        var leases = Leases(exchange);
        leases.Renew(grant);
        exchange.Accept(grant, leases);
    }

    /// <summary>Requests of one HTTP/2 connection come here at the same time.</summary>
    private ConnectionLeases Leases(Exchange exchange)
    {
        var items = exchange.Context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        lock (items)
        {
            if (!items.TryGetValue(LeasesOfConnection, out var leases))
            {
                items[LeasesOfConnection] = leases = new ConnectionLeases(time);
            }

            return (ConnectionLeases)leases!;
        }
    }
}
