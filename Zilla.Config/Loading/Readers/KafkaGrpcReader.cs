using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.10.</summary>
internal static class KafkaGrpcReader
{
    public static BindingConfig RemoteServer(BindingNode node)
    {
        node.Body.NotHere("is not for kafka-grpc: each route names its own", "exit");
        var idempotency = node.Options.Mapping("idempotency");
        var defaults = new KafkaGrpcBinding { Name = node.Name, Entry = "", Routes = [] };
        var binding = defaults with
        {
            Entry = node.Body.RequiredText("entry"),
            Acks = KafkaReader.Acks(node.Options) ?? defaults.Acks,
            IdempotencyMetadata = idempotency?.Text("metadata") ?? defaults.IdempotencyMetadata,
            Correlation = GrpcKafkaReader.Correlation(node.Options),
            DeadLetter = node.Options.Text("dead-letter"),
            Routes = [.. node.Routes.Select(Route)],
        };
        idempotency?.Finish();
        return binding;
    }

    private static KafkaGrpcRoute Route(RouteNode route)
    {
        if (route.When.Count == 0)
        {
            route.Body.Findings.Report(route.Body.Path, "'when' is missing: it names the topics");
        }

        var with = route.With;
        return new KafkaGrpcRoute
        {
            Exit = route.Exit,
            When = [.. route.When.Select(Condition)],
            Scheme = with.Choice("scheme", ("http", false), ("https", true)) switch { null => null, true => "https", false => "http" },
            Authority = Authority(with),
        };
    }

    private static KafkaGrpcCondition Condition(MappingReader when)
    {
        var condition = new KafkaGrpcCondition
        {
            Topic = when.RequiredText("topic"),
            ReplyTo = when.RequiredText("reply-to"),
            Key = when.Text("key"),
            Headers = when.TextMap("headers"),
            Method = when.Text("method"),
        };
        GrpcReader.CheckMethod(when, condition.Method);
        return condition;
    }

    private static string? Authority(MappingReader with)
    {
        var authority = with.Text("authority");
        if (authority is not null && !NameRules.IsAuthority(authority))
        {
            with.Findings.Report(with.Path / "authority", $"expected host or host:port, found {with.Take("authority")!.Describe}");
        }

        return authority;
    }
}
