using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.6.</summary>
internal static class HttpKafkaReader
{
    private enum Capability
    {
        Fetch,
        Produce,
    }

    public static BindingConfig Proxy(BindingNode node)
    {
        node.Body.NotHere("is not for http-kafka: each route names its own", "exit");
        var idempotency = node.Options.Mapping("idempotency");
        var correlation = node.Options.Mapping("correlation");
        var headers = correlation?.Mapping("headers");
        var defaults = new HttpKafkaBinding { Name = node.Name, Routes = [] };
        var binding = defaults with
        {
            IdempotencyHeader = HeaderName(idempotency, "header") ?? defaults.IdempotencyHeader,
            ReplyToHeader = HeaderName(headers, "reply-to") ?? defaults.ReplyToHeader,
            CorrelationIdHeader = HeaderName(headers, "correlation-id") ?? defaults.CorrelationIdHeader,
            Routes = [.. node.Routes.Select(Route)],
        };
        idempotency?.Finish();
        headers?.Finish();
        correlation?.Finish();
        return binding;
    }

    public static HttpKafkaCondition Condition(MappingReader when)
    {
        var condition = new HttpKafkaCondition { Method = when.Text("method"), Path = when.Text("path") };
        if (condition.Path is { } path && !path.StartsWith('/'))
        {
            when.Findings.Report(when.Path / "path", $"a path starts with '/', found {when.Take("path")!.Describe}");
        }

        return condition;
    }

    private static HttpKafkaRoute Route(RouteNode route)
    {
        var with = route.With;
        if (route.Body.Take("with") is null)
        {
            with.Findings.Report(route.Body.Path, "'with' is missing");
        }

        var read = new HttpKafkaRoute { Exit = route.Exit, Guarded = route.Guarded, When = [.. route.When.Select(Condition)] };
        var capability = route.Body.Take("with") is null ? null : with.Choice("capability", ("fetch", Capability.Fetch), ("produce", Capability.Produce));
        switch (capability)
        {
            case Capability.Fetch:
                with.NotHere("does not go with 'capability: fetch'", "acks", "key", "overrides", "reply-to", "correlation-id", "async");
                return read with
                {
                    Fetch = new HttpKafkaFetch { Topic = with.RequiredText("topic"), Filters = KafkaReader.Filters(with), Merge = Merge(with) },
                };

            case Capability.Produce:
                with.NotHere("does not go with 'capability: produce'", "filters", "merge");
                return read with { Produce = Produce(with) };

            default:
                if (route.Body.Take("with") is not null && with.Take("capability") is null)
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

    private static HttpKafkaProduce Produce(MappingReader with)
    {
        var replyTo = with.Text("reply-to");
        if (replyTo is null)
        {
            with.NotHere("needs 'reply-to'", "correlation-id", "async");
        }

        return new HttpKafkaProduce
        {
            Topic = with.RequiredText("topic"),
            Key = with.Text("key"),
            Acks = KafkaReader.Acks(with) ?? KafkaAcks.InSyncReplicas,
            Overrides = with.TextMap("overrides"),
            ReplyTo = replyTo,
            CorrelationIdHeader = HeaderName(with, "correlation-id"),
            Async = Async(with),
        };
    }

    /// <summary>A GET on the location asks for the response, so that the correlation id must be found again in it.</summary>
    private static IReadOnlyDictionary<string, string> Async(MappingReader with)
    {
        const string Location = "location";
        const string Id = "${correlationId}";
        var headers = with.TextMap("async");
        if (with.Take("async") is null || headers.Count == 0)
        {
            return headers;
        }

        if (!headers.TryGetValue(Location, out var location))
        {
            with.Findings.Report(with.Path / "async", $"'{Location}' is missing");
        }
        else if (!location.StartsWith('/') || location.Split(Id).Length != 2)
        {
            with.Findings.Report(with.Path / "async" / Location, $"a location starts with '/' and holds '{Id}' once");
        }

        return headers;
    }

    private static string? HeaderName(MappingReader? reader, string key)
    {
        var name = reader?.Text(key);
        if (name is { Length: 0 })
        {
            reader!.Findings.Report(reader.Path / key, "a header's name is not empty");
        }

        return name;
    }

    private static bool Merge(MappingReader with)
    {
        if (with.Mapping("merge") is not { } merge)
        {
            return false;
        }

        if (merge.RequiredText("content-type") is { Length: > 0 } type && type != "application/json")
        {
            merge.Findings.Report(merge.Path / "content-type", $"only application/json can be merged, found {merge.Take("content-type")!.Describe}");
        }

        if (merge.Mapping("patch") is { } patch)
        {
            Literal(patch, "initial", "[]");
            Literal(patch, "path", "/-");
            patch.Finish();
        }

        merge.Finish();
        return true;
    }

    // Zilla's schema has one value for each of these.
    private static void Literal(MappingReader reader, string key, string only)
    {
        if (reader.Text(key) is { } text && text != only)
        {
            reader.Findings.Report(reader.Path / key, $"'{key}' can only be '{only}', found {reader.Take(key)!.Describe}");
        }
    }
}
