using Google.Protobuf;
using Element = Zilla.Streams.V1.KafkaHeaderSequence.Types.Element;
using Skip = Zilla.Streams.V1.KafkaHeaderSequence.Types.Skip;

namespace Zilla.Streams.Kafka;

/// <summary>One element of a <see cref="HeaderSequence"/>: a value, or a place where any will do.</summary>
public readonly struct SequenceElement : IEquatable<SequenceElement>
{
    private readonly Skip? _skip;

    private SequenceElement(Skip skip) => _skip = skip;

    /// <summary>One header with this value.</summary>
    public SequenceElement(ReadOnlyMemory<byte> value) => Value = value;

    /// <summary>One header with any value; <c>+</c> of MQTT.</summary>
    public static SequenceElement SkipOne { get; } = new(Skip.One);

    /// <summary>All further headers, or none; <c>#</c> of MQTT. Only as the last element.</summary>
    public static SequenceElement SkipMany { get; } = new(Skip.Many);

    public bool IsValue => _skip is null;

    public ReadOnlyMemory<byte> Value { get; }

    public static bool operator ==(SequenceElement left, SequenceElement right) => left.Equals(right);

    public static bool operator !=(SequenceElement left, SequenceElement right) => !left.Equals(right);

    public bool Equals(SequenceElement other) => _skip == other._skip && Value.Span.SequenceEqual(other.Value.Span);

    public override bool Equals(object? obj) => obj is SequenceElement other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_skip, Value.Length);

    internal Element ToMessage() => _skip is { } skip ? new() { Skip = skip } : new() { Value = UnsafeByteOperations.UnsafeWrap(Value) };

    /// <exception cref="ArgumentException">Neither a value nor a skip that this version knows.</exception>
    internal static SequenceElement Of(Element element) => element switch
    {
        { KindCase: Element.KindOneofCase.Value } => new(element.Value.Memory),
        { KindCase: Element.KindOneofCase.Skip, Skip: Skip.One } => SkipOne,
        { KindCase: Element.KindOneofCase.Skip, Skip: Skip.Many } => SkipMany,
        _ => throw new ArgumentException("An element of a header sequence is neither a value nor a skip.", nameof(element)),
    };
}
