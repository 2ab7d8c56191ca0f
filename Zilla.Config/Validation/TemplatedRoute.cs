using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A route whose <c>when</c> binds parameters and whose <c>with</c> uses them, whatever the binding.</summary>
/// <param name="At">The route.</param>
/// <param name="Paths">The path patterns of its <c>when</c>, in order; null where a condition has none.</param>
/// <param name="Templates">Every text in <c>with</c> that may hold expressions.</param>
/// <param name="Produces">True if the route produces to Kafka.</param>
internal sealed record TemplatedRoute(ConfigurationPath At, IReadOnlyList<string?> Paths, IReadOnlyList<(string Text, ConfigurationPath At)> Templates, bool Produces)
{
    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>What each of its conditions binds.</summary>
    public IReadOnlyList<BoundParameters> Bound { get; init; } =
    [
        .. Paths.Index().Select(path => path.Item is null
            ? new BoundParameters($"when[{path.Index}], which has no 'path'", null)
            : new BoundParameters($"when[{path.Index}]", PathPattern.Parameters(path.Item, out _))),
    ];

    /// <summary>Whether who the client is has a value in the templates.</summary>
    public bool KnowsClient { get; init; } = true;

    public static IEnumerable<TemplatedRoute> Of(ZillaConfiguration configuration) => configuration.Bindings.Values.SelectMany(binding => binding switch
    {
        HttpClientBinding http => (http.Routes ?? []).Select((route, index) => Of(route, BindingGraph.PathOf(binding, index))),
        HttpKafkaBinding http => http.Routes.Select((route, index) => Of(route, BindingGraph.PathOf(binding, index))),
        HttpFilesystemBinding http => http.Routes.Select((route, index) => Of(route, BindingGraph.PathOf(binding, index))),
        SseKafkaBinding sse => sse.Routes.Select((route, index) => Of(route, BindingGraph.PathOf(binding, index))),
        MqttKafkaBinding mqtt => mqtt.Routes.Select((route, index) => Of(route, BindingGraph.PathOf(binding, index))),
        GrpcKafkaBinding grpc => grpc.Routes.Select((route, index) => Of(route, BindingGraph.PathOf(binding, index))),
        _ => [],
    });

    /// <summary>Its paths are patterns of headers, which another rule looks at.</summary>
    private static TemplatedRoute Of(HttpRoute route, ConfigurationPath at) =>
        new(at, [], [.. (route.Overrides ?? Nothing).Select(header => (header.Value, at / "with" / "headers" / "overrides" / header.Key))], Produces: false)
        {
            KnowsClient = false,
            Bound =
            [
                .. route.When.Index().Select(when => when.Item.Headers.TryGetValue(":path", out var path)
                    ? new BoundParameters($"when[{when.Index}]", PathPattern.Parameters(path, out _))
                    : new BoundParameters($"when[{when.Index}], which has no ':path'", null)),
            ],
        };

    private static TemplatedRoute Of(HttpKafkaRoute route, ConfigurationPath at)
    {
        var with = at / "with";
        var templates = new List<(string, ConfigurationPath)>();
        if (route.Fetch is { } fetch)
        {
            templates.Add((fetch.Topic, with / "topic"));
            templates.AddRange(Of(fetch.Filters, with));
        }
        else if (route.Produce is { } produce)
        {
            templates.Add((produce.Topic, with / "topic"));
            templates.Add((produce.Key ?? "", with / "key"));
            templates.AddRange(produce.Overrides.Select(header => (header.Value, with / "overrides" / header.Key)));
            templates.Add((produce.ReplyTo ?? "", with / "reply-to"));
            templates.AddRange(produce.Async.Select(header => (header.Value, with / "async" / header.Key)));
        }

        return new TemplatedRoute(at, [.. route.When.Select(when => when.Path)], templates, route.Produce is not null);
    }

    private static TemplatedRoute Of(HttpFilesystemRoute route, ConfigurationPath at) =>
        new(at, [.. route.When.Select(when => when.Path)], [(route.Path, at / "with" / "path")], Produces: false)
        {
            // What a client is called could name another's file.
            KnowsClient = false,
        };

    private static TemplatedRoute Of(SseKafkaRoute route, ConfigurationPath at) =>
        new(at, [.. route.Paths], [(route.Topic, at / "with" / "topic"), .. Of(route.Filters, at / "with")], Produces: false);

    private static TemplatedRoute Of(GrpcKafkaRoute route, ConfigurationPath at)
    {
        var with = at / "with";
        List<(string, ConfigurationPath)> templates = route switch
        {
            { Fetch: { } fetch } => [(fetch.Topic, with / "topic"), .. Of(fetch.Filters, with)],
            { Produce: { } produce } =>
            [
                (produce.Topic, with / "topic"), (produce.Key ?? "", with / "key"), .. produce.Overrides.Select(header => (header.Value, with / "overrides" / header.Key)), (produce.ReplyTo ?? "", with / "reply-to"),
            ],
            _ => [],
        };
        return new TemplatedRoute(at, [], templates, route.Produce is not null);
    }

    private static TemplatedRoute Of(MqttKafkaRoute route, ConfigurationPath at) => new(at, [], [(route.Messages, at / "with" / "messages")], Produces: false)
    {
        Bound =
        [
            .. route.When.Index().SelectMany(when => Of(when.Item.Publish, $"when[{when.Index}].publish").Concat(Of(when.Item.Subscribe, $"when[{when.Index}].subscribe"))),
        ],
    };

    private static IEnumerable<BoundParameters> Of(IReadOnlyList<string> filters, string where) =>
        filters.Select((filter, index) => new BoundParameters($"{where}[{index}]", TopicPattern.Parameters(filter, out _)));

    private static IEnumerable<(string, ConfigurationPath)> Of(IReadOnlyList<KafkaFilterConfig> filters, ConfigurationPath with) =>
        filters.SelectMany((filter, index) => filter.Headers
            .Select(header => (header.Value, with / "filters" / index / "headers" / header.Key))
            .Prepend((filter.Key ?? "", with / "filters" / index / "key")));
}

/// <param name="Where">The condition, for people.</param>
/// <param name="Names">Null for one that binds nothing.</param>
internal sealed record BoundParameters(string Where, IReadOnlyList<string>? Names);
