using Zilla.Streams.Protobuf;

namespace Zilla.Streams.Kafka;

/// <summary>The headers of one record in their order, decoded one at a time and without allocating. Names may repeat.</summary>
public readonly struct RecordHeaders
{
    private readonly ReadOnlyMemory<byte> _encoded;

    /// <param name="encoded">A <c>KafkaDataEx</c>, or its end, that the codec has found sound.</param>
    internal RecordHeaders(ReadOnlyMemory<byte> encoded) => _encoded = encoded;

    public Enumerator GetEnumerator() => new(_encoded);

    /// <summary>Whether a header of that name has that value; null is told from empty.</summary>
    public bool Contains(in RecordHeader sought)
    {
        foreach (var header in this)
        {
            if (header.HasValue == sought.HasValue && header.Name.Span.SequenceEqual(sought.Name.Span) && header.Value.Span.SequenceEqual(sought.Value.Span))
            {
                return true;
            }
        }

        return false;
    }

    public struct Enumerator
    {
        private readonly ReadOnlyMemory<byte> _encoded;
        private int _position;

        internal Enumerator(ReadOnlyMemory<byte> encoded) => _encoded = encoded;

        public RecordHeader Current { get; private set; }

        public bool MoveNext()
        {
            var span = _encoded.Span;
            var reader = new ProtoReader(span, _position);
            while (!reader.AtEnd && reader.TryReadTag(out var tag))
            {
                if (tag != KafkaRecordCodec.HeadersTag)
                {
                    if (!reader.TrySkip(tag))
                    {
                        break;
                    }

                    continue;
                }

                if (!reader.TryReadLength(out var start, out var length) || !KafkaRecordCodec.TryReadHeader(_encoded.Slice(start, length), out var header))
                {
                    break;
                }

                _position = reader.Position;
                Current = header;
                return true;
            }

            _position = _encoded.Length;
            Current = default;
            return false;
        }
    }
}
