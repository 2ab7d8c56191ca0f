using Google.Protobuf;

namespace Zilla.EdgeGrpc.Json;

/// <summary>A field's value as it stands on the wire.</summary>
/// <param name="Type">Decides which of the two counts.</param>
/// <param name="Number">Of varint, 32 and 64 bits.</param>
/// <param name="Bytes">Of what has a length: a part of the message.</param>
/// <param name="Place">Among the message's values, whatever their fields.</param>
internal readonly record struct WireValue(WireFormat.WireType Type, ulong Number, ReadOnlyMemory<byte> Bytes, int Place = 0);

/// <summary>A message's fields by their numbers, each with its values in their order. Groups, which only proto2 has, are passed over.</summary>
internal sealed class WireFields
{
    private readonly Dictionary<int, List<WireValue>> _values = [];
    private int _count;

    /// <exception cref="InvalidDataException">It is not a message.</exception>
    public WireFields(ReadOnlyMemory<byte> message)
    {
        var input = new WireReader(message);
        while (!input.IsAtEnd)
        {
            var (field, type) = input.ReadTag();
            if (type == WireFormat.WireType.StartGroup)
            {
                input.SkipGroup(field);
            }
            else
            {
                Add(field, input.ReadValue(type));
            }
        }
    }

    public IReadOnlyList<WireValue> this[int field] => _values.TryGetValue(field, out var values) ? values : [];

    private void Add(int field, WireValue value)
    {
        if (!_values.TryGetValue(field, out var values))
        {
            _values[field] = values = [];
        }

        values.Add(value with { Place = _count++ });
    }
}
