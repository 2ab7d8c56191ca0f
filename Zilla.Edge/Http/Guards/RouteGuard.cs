using Zilla.Config.Bindings;
using Zilla.Config.Guards;

namespace Zilla.Edge.Http.Guards;

/// <summary>
/// Whom a route takes: all of its guards have granted all of its roles, and everything that its templates say of the client is known. A client without
/// identity must not get what a template gives that has none in it.
/// </summary>
public sealed class RouteGuard
{
    private readonly (string Guard, IReadOnlyList<string> Roles)[] _guarded;
    private readonly GuardedExpression[] _needed;

    private RouteGuard(IReadOnlyDictionary<string, IReadOnlyList<string>> guarded, IEnumerable<GuardedExpression> needed)
    {
        _guarded = [.. guarded.Select(entry => (entry.Key, entry.Value))];
        _needed = [.. needed.Distinct()];
    }

    public static RouteGuard Compile(RouteConfig route) => new(route.Guarded, Templates(route).OfType<string>().SelectMany(GuardedExpression.In));

    public bool Admits(Exchange exchange)
    {
        foreach (var (guard, roles) in _guarded)
        {
            if (exchange.Grants[guard] is not { } grant)
            {
                return false;
            }

            foreach (var role in roles)
            {
                if (!grant.Roles.Contains(Render(role, exchange)))
                {
                    return false;
                }
            }
        }

        foreach (var expression in _needed)
        {
            if (exchange.Grants[expression] is null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same of a route that takes the exchange otherwise: if none does in the end, it is known why.</summary>
    public bool AdmitsMatching(Exchange exchange)
    {
        var admits = Admits(exchange);
        exchange.IsWithheld |= !admits;
        return admits;
    }

    private static IEnumerable<string?> Templates(RouteConfig route) => route switch
    {
        HttpKafkaRoute { Fetch: { } fetch } => [fetch.Topic, .. Templates(fetch.Filters)],
        HttpKafkaRoute { Produce: { } produce } => [produce.Topic, produce.Key, produce.ReplyTo, .. produce.Overrides.Values, .. produce.Async.Values],
        SseKafkaRoute sse => [sse.Topic, .. Templates(sse.Filters)],
        GrpcKafkaRoute { Fetch: { } fetch } => [fetch.Topic, .. Templates(fetch.Filters)],
        GrpcKafkaRoute { Produce: { } produce } => [produce.Topic, produce.Key, produce.ReplyTo, .. produce.Overrides.Values],
        _ => [],
    };

    private static IEnumerable<string?> Templates(IReadOnlyList<KafkaFilterConfig> filters) => filters.SelectMany(filter => (IEnumerable<string?>)[filter.Key, .. filter.Headers.Values]);

    /// <summary><c>${method}</c> and <c>${path}</c>, the latter without query: dynamic roles (reference §1.2).</summary>
    private static string Render(string role, Exchange exchange)
    {
        if (!role.Contains("${", StringComparison.Ordinal))
        {
            return role;
        }

        var query = exchange.Path.IndexOf('?');
        return role
            .Replace("${method}", exchange.Request.Method, StringComparison.Ordinal)
            .Replace("${path}", query < 0 ? exchange.Path : exchange.Path[..query], StringComparison.Ordinal);
    }
}
