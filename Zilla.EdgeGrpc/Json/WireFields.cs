using Google.Protobuf;

namespace Zilla.EdgeGrpc.Json;

/// <summary>A field's value as it stands on the wire.</summary>
/// <param name="Type">Decides which of the two counts.</param>
/// <param name="Number">Of varint, 32 and 64 bits.</param>
/// <param name="Bytes">Of what has a length.</param>
internal readonly record struct WireValue(WireFormat.WireType Type, ulong Number, ByteString Bytes);

/// <summary>A message's fields by their numbers, each with its values in their order. Groups, which only proto2 has, are passed over.</summary>
internal sealed class WireFields
{
    private readonly Dictionary<int, List<WireValue>> _values = [];

    /// <exception cref="InvalidProtocolBufferException">It is not a message.</exception>
    public WireFields(ByteString message)
    {
        using var input = message.CreateCodedInput();
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            var type = WireFormat.GetTagWireType(tag);
            switch (type)
            {
                case WireFormat.WireType.Varint:
                    Add(tag, new(type, input.ReadUInt64(), ByteString.Empty));
                    break;
                case WireFormat.WireType.Fixed64:
                    Add(tag, new(type, input.ReadFixed64(), ByteString.Empty));
                    break;
                case WireFormat.WireType.Fixed32:
                    Add(tag, new(type, input.ReadFixed32(), ByteString.Empty));
                    break;
                case WireFormat.WireType.LengthDelimited:
                    Add(tag, new(type, 0, input.ReadBytes()));
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
    }

    public IReadOnlyList<WireValue> this[int field] => _values.TryGetValue(field, out var values) ? values : [];

    private void Add(uint tag, WireValue value)
    {
        var field = WireFormat.GetTagFieldNumber(tag);
        if (!_values.TryGetValue(field, out var values))
        {
            _values[field] = values = [];
        }

        values.Add(value);
    }
}
