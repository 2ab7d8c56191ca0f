using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Routing;
using Zilla.EdgeHttp.Server;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>An http-kafka binding, compiled: the first route that takes method and path (its query included) answers.</summary>
internal sealed class HttpKafkaModel(IReadOnlyList<HttpKafkaRouteModel> routes) : IExchangeHandler
{
    public Task HandleAsync(Exchange exchange)
    {
        foreach (var route in routes)
        {
            if (route.Guard.Admits(exchange) && MethodAndPath.TryMatch(route.When, exchange, exchange.Path, out var parameters))
            {
                return route.With.HandleAsync(exchange, parameters.With(exchange.Grants));
            }
        }

        return NoRoute.RejectAsync(exchange);
    }
}

internal sealed record HttpKafkaRouteModel(RouteGuard Guard, IReadOnlyList<MethodAndPath> When, IKafkaHandler With);

/// <summary>What a route does with a request, given what its path bound.</summary>
internal interface IKafkaHandler
{
    Task HandleAsync(Exchange exchange, PathParameters parameters);
}
