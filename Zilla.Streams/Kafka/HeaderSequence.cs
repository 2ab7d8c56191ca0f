using Zilla.Streams.V1;

namespace Zilla.Streams.Kafka;

/// <summary>
/// A condition on the values of all headers of one name, in their order (<c>KafkaHeaderSequence</c> of kafka.proto): what an MQTT topic filter is
/// to records that have a header per topic level.
/// <code>
/// a/+/#  =  value a, skip one, skip many      matches a,b and a,b,c,d; neither a nor b,a,c
/// </code>
/// </summary>
public sealed class HeaderSequence
{
    private readonly ReadOnlyMemory<byte> _name;
    private readonly SequenceElement[] _elements;

    /// <exception cref="ArgumentException">More than <see cref="KafkaFilterLimits.Elements"/>, or one follows <see cref="SequenceElement.SkipMany"/>.</exception>
    public HeaderSequence(ReadOnlyMemory<byte> name, IEnumerable<SequenceElement> elements)
    {
        (_name, _elements) = (name, [.. elements]);
        if (_elements.Length > KafkaFilterLimits.Elements)
        {
            throw new ArgumentException($"A header sequence has at most {KafkaFilterLimits.Elements} elements.", nameof(elements));
        }

        if (_elements.AsSpan(0, Math.Max(0, _elements.Length - 1)).Contains(SequenceElement.SkipMany))
        {
            throw new ArgumentException("Skip many is the last element of a header sequence.", nameof(elements));
        }
    }

    /// <summary>The headers that any record has which matches; for indexes.</summary>
    public IEnumerable<RecordHeader> Required => _elements.Where(e => e.IsValue).Select(e => new RecordHeader(_name, e.Value));

    public bool Matches(RecordHeaders headers)
    {
        var next = 0;
        foreach (var header in headers)
        {
            if (!header.Name.Span.SequenceEqual(_name.Span))
            {
                continue;
            }

            if (next == _elements.Length)
            {
                return false;
            }

            var element = _elements[next++];
            if (element == SequenceElement.SkipMany)
            {
                return true;
            }

            if (element.IsValue && !(header.HasValue && header.Value.Span.SequenceEqual(element.Value.Span)))
            {
                return false;
            }
        }

        return next == _elements.Length || _elements[next] == SequenceElement.SkipMany;
    }

    public KafkaHeaderSequence ToMessage()
    {
        var message = new KafkaHeaderSequence { Name = System.Text.Encoding.UTF8.GetString(_name.Span) };
        message.Elements.AddRange(_elements.Select(element => element.ToMessage()));
        return message;
    }

    /// <exception cref="StreamBrokenException"><see cref="Cause.ProtocolError"/>: against kafka.proto.</exception>
    public static HeaderSequence Of(KafkaHeaderSequence message)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            return new(System.Text.Encoding.UTF8.GetBytes(message.Name), message.Elements.Select(SequenceElement.Of));
        }
        catch (ArgumentException unsound)
        {
            throw new StreamBrokenException(Cause.ProtocolError, unsound.Message);
        }
    }
}
