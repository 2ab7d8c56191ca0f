using Zilla.Edge.Cache;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Routing;
using Zilla.EdgeHttp.Sse;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.SseKafka;

/// <summary>An sse-kafka binding, compiled: a topic's records as events, from where the client stopped, or from the beginning.</summary>
internal sealed class SseKafkaModel(IReadOnlyList<SseKafkaRouteModel> routes, CacheClient cache, HttpEdgeOptions options, TimeProvider time, ILogger logger) : ISseSource
{
    public async Task<bool> ServeAsync(Exchange exchange, SseRequest request)
    {
        if (Route(exchange, request.Path, out var parameters) is not { } route)
        {
            return false;
        }

        exchange.TakenBy(route.Paths.FirstOrDefault(pattern => pattern.IsMatch(request.Path))?.Text);
        parameters = parameters.With(exchange.Grants);
        return route.Topic.Render(parameters) is { } topic && await StreamAsync(exchange, request, route, topic, parameters);
    }

    public string? IdentityOf(Exchange exchange, string path) => Route(exchange, path, out _)?.Identity;

    private SseKafkaRouteModel? Route(Exchange exchange, string path, out PathParameters parameters)
    {
        foreach (var route in routes)
        {
            if (route.Guard.Admits(exchange) && route.TryMatch(path, out parameters))
            {
                return route;
            }
        }

        parameters = PathParameters.None;
        return null;
    }

    private async Task<bool> StreamAsync(Exchange exchange, SseRequest request, SseKafkaRouteModel route, string topic, PathParameters parameters)
    {
        var from = request.LastEventId is { } id ? EventId.TryParse(id) : null;
        await using var subscription = await cache.SubscribeAsync(
            new TopicName(route.Cluster, topic), from ?? KafkaProgress.Empty, route.Filters.Render(parameters), exchange.Aborted);
        var stream = new SseStream(exchange, request, subscription, route.EventIdWithKey, options, time, logger);
        await stream.RunAsync();
        return true;
    }
}

/// <summary>A route of an sse-kafka binding; no paths: always.</summary>
internal sealed record SseKafkaRouteModel(RouteGuard Guard, IReadOnlyList<PathPattern> Paths, string Cluster, TopicTemplate Topic, FilterTemplate Filters, bool EventIdWithKey)
{
    /// <summary>Differs from that of a route which does anything else.</summary>
    public required string Identity { get; init; }

    public bool TryMatch(string path, out PathParameters parameters)
    {
        foreach (var pattern in Paths)
        {
            if (pattern.TryMatch(path, out parameters))
            {
                return true;
            }
        }

        parameters = PathParameters.None;
        return Paths.Count == 0;
    }
}
