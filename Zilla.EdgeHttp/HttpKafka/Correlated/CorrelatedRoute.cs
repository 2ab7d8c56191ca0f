using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Routing;

namespace Zilla.EdgeHttp.HttpKafka.Correlated;

/// <summary>What a route with <c>reply-to</c> says, compiled.</summary>
internal sealed record CorrelatedRoute
{
    /// <exception cref="FormatException">An expression is unknown or names a parameter that is not bound.</exception>
    public CorrelatedRoute(string cluster, HttpKafkaBinding binding, HttpKafkaProduce produce, IReadOnlyCollection<string> names)
    {
        Produce = new ProduceHandler.Route(cluster, binding, produce, names);
        ReplyTo = TopicTemplate.Compile(produce.ReplyTo!, names);
        ReplyToHeader = Encoding.UTF8.GetBytes(binding.ReplyToHeader);
        CorrelationIdHeader = Encoding.UTF8.GetBytes(produce.CorrelationIdHeader ?? binding.CorrelationIdHeader);
        Async = [.. produce.Async.Select(header => (header.Key, CorrelationTemplate.Compile(header.Value, names)))];
        Location = Async.FirstOrDefault(header => header.Name.Equals("location", StringComparison.OrdinalIgnoreCase)).Value;
    }

    public ProduceHandler.Route Produce { get; }
    public TopicTemplate ReplyTo { get; }
    public byte[] ReplyToHeader { get; }
    public byte[] CorrelationIdHeader { get; }

    /// <summary>Headers of a 202; none: the route has no <c>async</c>.</summary>
    public IReadOnlyList<(string Name, CorrelationTemplate Value)> Async { get; }

    /// <summary>Where a client that did not wait asks for its response; null without <c>async</c>.</summary>
    public CorrelationTemplate? Location { get; }
}
