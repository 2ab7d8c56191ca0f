using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Topic filters in terms of a fetch: by the <c>zilla:filter</c> headers, one for each level of the message's topic.</summary>
internal static class MessageFilters
{
    private static readonly byte[] LevelHeader = HeaderNames.Filter.ToArray();
    private static readonly RecordHeader QoS0 = new(HeaderNames.QoS.ToArray(), "0"u8.ToArray());

    /// <summary>
    /// What passes is a little more than what matches, for the reader to look at: records without these headers, which have their topic in the key alone, and topics
    /// with <c>$</c>. Empty, that is everything, where there are more filters than a fetch can have.
    /// </summary>
    public static IReadOnlyList<RecordFilter> Of(IEnumerable<MqttString> filters, bool withoutQoS0)
    {
        RecordHeader[] not = withoutQoS0 ? [QoS0] : [];
        var passing = new List<RecordFilter> { new(null, []) { Sequences = [new HeaderSequence(LevelHeader, [])], NotHeaders = not } };
        foreach (var filter in filters)
        {
            passing.Add(new(null, []) { Sequences = [new HeaderSequence(LevelHeader, Elements(filter.Utf8))], NotHeaders = not });
        }

        return passing.Count <= KafkaFilterLimits.Filters ? passing : [];
    }

    private static List<SequenceElement> Elements(ReadOnlyMemory<byte> filter)
    {
        var elements = new List<SequenceElement>();
        foreach (var range in filter.Span.Split((byte)'/'))
        {
            var level = filter[range];
            elements.Add(level.Span switch
            {
                [(byte)'+'] => SequenceElement.SkipOne,
                [(byte)'#'] => SequenceElement.SkipMany,
                _ => new(level),
            });
        }

        return elements;
    }
}
