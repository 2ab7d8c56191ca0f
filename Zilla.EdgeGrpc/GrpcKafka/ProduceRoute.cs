using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Cache;
using Zilla.Edge.Routing;
using Zilla.Streams.V1;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>What a route with <c>capability: produce</c> says, compiled.</summary>
internal sealed record ProduceRoute
{
    /// <exception cref="FormatException">An expression is not known.</exception>
    public ProduceRoute(string cluster, GrpcKafkaBinding binding, GrpcKafkaProduce produce)
    {
        Cluster = cluster;
        IdempotencyMetadata = binding.IdempotencyMetadata;
        Correlation = binding.Correlation;
        Topic = TopicTemplate.Compile(produce.Topic, []);
        ReplyTo = produce.ReplyTo is { } replyTo ? TopicTemplate.Compile(replyTo, []) : null;
        Key = produce.Key is { } key ? Template.Compile(key, [], idempotencyKey: true) : null;
        Overrides = [.. produce.Overrides.Select(o => ((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(o.Key), Template.Compile(o.Value, [], idempotencyKey: true)))];
        Acks = produce.Acks.ToProduce();
    }

    public string Cluster { get; }
    public string IdempotencyMetadata { get; }
    public GrpcCorrelationHeaders Correlation { get; }
    public TopicTemplate Topic { get; }

    /// <summary>Null: one way.</summary>
    public TopicTemplate? ReplyTo { get; }

    /// <summary>Null: the correlation id.</summary>
    public Template? Key { get; }

    public KafkaProduce.Types.Acks Acks { get; }
    public IReadOnlyList<(ReadOnlyMemory<byte> Name, Template Value)> Overrides { get; }
}
