using System.IO.Enumeration;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Edge.Cache;
using Zilla.EdgeGrpc.Upstream;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Streams.Work;

namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>A kafka-grpc binding, compiled.</summary>
internal sealed class KafkaGrpcModel
{
    private readonly KafkaGrpcBinding _says;

    /// <param name="binding">What the plan says.</param>
    /// <param name="cluster">Where its topics are.</param>
    /// <param name="group">The consumer group of the binding.</param>
    /// <param name="services">The ways to the services of a route.</param>
    public KafkaGrpcModel(KafkaGrpcBinding binding, string cluster, string group, Func<KafkaGrpcRoute, IReadOnlyList<ServiceRoute>> services)
    {
        _says = binding;
        (Binding, Cluster, Group, IdempotencyMetadata) = (binding.Name, cluster, group, binding.IdempotencyMetadata);
        var names = binding.Correlation;
        (Service, Method) = (Encoding.UTF8.GetBytes(names.Service), Encoding.UTF8.GetBytes(names.Method));
        (CorrelationId, ReplyTo) = (Encoding.UTF8.GetBytes(names.CorrelationId), Encoding.UTF8.GetBytes(names.ReplyTo));
        Acks = binding.Acks.ToProduce();
        Routes = [.. binding.Routes.Select(route => new KafkaGrpcRouteModel([.. route.When.Select(when => new CallPattern(when.Topic, when.Key, when.Headers.Append(new(names.ReplyTo, when.ReplyTo)), when.Method))], services(route)))];
    }

    public string Binding { get; }
    public string Cluster { get; }
    public string Group { get; }
    public string IdempotencyMetadata { get; }
    public byte[] Service { get; }
    public byte[] Method { get; }
    public byte[] CorrelationId { get; }
    public byte[] ReplyTo { get; }
    public KafkaProduce.Types.Acks Acks { get; }
    public IReadOnlyList<KafkaGrpcRouteModel> Routes { get; }

    /// <summary>The first route that takes the record; null: none does.</summary>
    /// <param name="topic">That it is from.</param>
    /// <param name="record">The first of a call.</param>
    /// <param name="target">What it calls, <c>package.Service/Method</c>.</param>
    public KafkaGrpcRouteModel? Route(string topic, KafkaRecord record, string target) => Routes.FirstOrDefault(route => route.When.Any(pattern => pattern.Matches(topic, record, target)));

    /// <summary>Nothing is to be done otherwise for the one than for the other.</summary>
    public bool IsAs(KafkaGrpcModel other) =>
        PlanJson.SayTheSame(_says, other._says) && (Cluster, Group) == (other.Cluster, other.Group) && Routes.SelectMany(Channels).SequenceEqual(other.Routes.SelectMany(Channels));

    private static IEnumerable<UpstreamChannel> Channels(KafkaGrpcRouteModel route) => route.Services.Select(service => service.Channel);
}

/// <summary>Takes what any of its conditions takes.</summary>
internal sealed record KafkaGrpcRouteModel(IReadOnlyList<CallPattern> When, IReadOnlyList<ServiceRoute> Services)
{
    /// <summary>The way to the service that has the method; null: no route of the grpc client takes it.</summary>
    public UpstreamChannel? Find(string target) =>
        Services.FirstOrDefault(service => service.Methods.Count == 0 || service.Methods.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, target, ignoreCase: false)))?.Channel;
}

/// <summary>A way to a service, for methods of these patterns; none: all.</summary>
internal sealed record ServiceRoute(IReadOnlyList<string> Methods, UpstreamChannel Channel);
