using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.10.</summary>
internal static class GrpcKafkaReader
{
    private const int LastField = 536_870_911;

    private enum Capability
    {
        Fetch,
        Produce,
    }

    public static BindingConfig Proxy(BindingNode node)
    {
        node.Body.NotHere("is not for grpc-kafka: each route names its own", "exit");
        var reliability = node.Options.Mapping("reliability");
        var idempotency = node.Options.Mapping("idempotency");
        var defaults = new GrpcKafkaBinding { Name = node.Name, Routes = [] };
        var binding = defaults with
        {
            ReliabilityField = reliability?.Number("field", 1, LastField) ?? defaults.ReliabilityField,
            ReliabilityMetadata = reliability?.Text("metadata") ?? defaults.ReliabilityMetadata,
            IdempotencyMetadata = idempotency?.Text("metadata") ?? defaults.IdempotencyMetadata,
            Correlation = Correlation(node.Options),
            Routes = [.. node.Routes.Select(Route)],
        };
        reliability?.Finish();
        idempotency?.Finish();
        return binding;
    }

    public static GrpcCorrelationHeaders Correlation(MappingReader options)
    {
        var correlation = options.Mapping("correlation");
        var headers = correlation?.Mapping("headers");
        var defaults = new GrpcCorrelationHeaders();
        var read = new GrpcCorrelationHeaders
        {
            Service = headers?.Text("service") ?? defaults.Service,
            Method = headers?.Text("method") ?? defaults.Method,
            CorrelationId = headers?.Text("correlation-id") ?? defaults.CorrelationId,
            ReplyTo = headers?.Text("reply-to") ?? defaults.ReplyTo,
        };
        headers?.Finish();
        correlation?.Finish();
        return read;
    }

    private static GrpcKafkaRoute Route(RouteNode route)
    {
        var with = route.With;
        var read = new GrpcKafkaRoute { Exit = route.Exit, Guarded = route.Guarded, When = [.. route.When.Select(GrpcReader.Condition)] };
        if (route.Body.Take("with") is null)
        {
            with.Findings.Report(route.Body.Path, "'with' is missing");
            return read;
        }

        switch (with.Choice("capability", ("fetch", Capability.Fetch), ("produce", Capability.Produce)))
        {
            case Capability.Fetch:
                with.NotHere("does not go with 'capability: fetch'", "acks", "key", "overrides", "reply-to");
                return read with { Fetch = new GrpcKafkaFetch { Topic = with.RequiredText("topic"), Filters = KafkaReader.Filters(with) } };

            case Capability.Produce:
                with.NotHere("does not go with 'capability: produce'", "filters");
                return read with
                {
                    Produce = new GrpcKafkaProduce
                    {
                        Topic = with.RequiredText("topic"),
                        Acks = KafkaReader.Acks(with) ?? KafkaAcks.InSyncReplicas,
                        Key = with.Text("key"),
                        Overrides = with.TextMap("overrides"),
                        ReplyTo = with.Text("reply-to"),
                    },
                };

            default:
                if (with.Take("capability") is null)
                {
                    with.RequiredText("capability");
                }

                // Which keys belong here cannot be told.
                foreach (var key in with.Keys)
                {
                    with.Take(key);
                }

                return read;
        }
    }
}
