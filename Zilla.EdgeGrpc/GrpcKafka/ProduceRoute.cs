using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf.Reflection;
using Zilla.Config.Bindings;
using Zilla.Edge.Cache;
using Zilla.Edge.Routing;
using Zilla.Streams.V1;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>What a route with <c>capability: produce</c> says, compiled.</summary>
internal sealed record ProduceRoute
{
    private readonly ConcurrentDictionary<MethodDescriptor, CallIdentity> _identities = new();
    private readonly bool _isLiteral;

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
        CorrelationId = Encoding.UTF8.GetBytes(Correlation.CorrelationId);
        _isLiteral = ReplyTo is null or { IsLiteral: true } && Overrides.All(o => o.Value.IsLiteral);
        Acks = produce.Acks.ToProduce();
    }

    public string Cluster { get; }
    public string IdempotencyMetadata { get; }
    public GrpcCorrelationHeaders Correlation { get; }

    /// <summary>The name of the header.</summary>
    public ReadOnlyMemory<byte> CorrelationId { get; }

    public TopicTemplate Topic { get; }

    /// <summary>Null: one way.</summary>
    public TopicTemplate? ReplyTo { get; }

    /// <summary>Null: the correlation id.</summary>
    public Template? Key { get; }

    public KafkaProduce.Types.Acks Acks { get; }
    public IReadOnlyList<(ReadOnlyMemory<byte> Name, Template Value)> Overrides { get; }

    /// <summary>Of a call; kept where all calls of the method have the same.</summary>
    public CallIdentity IdentityOf(MethodDescriptor method, string? replyTo, PathParameters parameters, string idempotencyKey)
    {
        if (_isLiteral && _identities.TryGetValue(method, out var known))
        {
            return known;
        }

        var identity = new CallIdentity(this, method, replyTo, parameters, idempotencyKey);
        return _isLiteral ? _identities.GetOrAdd(method, identity) : identity;
    }
}
