using System.Buffers.Binary;
using Google.Protobuf;

namespace Zilla.EdgeGrpc.Json;

/// <summary>Reads a message field by field (protobuf's "Encoding"). What has a length stays where it is, so that messages in messages are not copied.</summary>
/// <exception cref="InvalidDataException">All that reads throws it: the bytes are not a message.</exception>
internal struct WireReader(ReadOnlyMemory<byte> message)
{
    private const int BitsOfVarint = 64, TypeBits = 3;

    private int _at;

    public readonly bool IsAtEnd => _at == message.Length;

    public (int Field, WireFormat.WireType Type) ReadTag()
    {
        var tag = ReadVarint();
        var field = (int)(tag >> TypeBits);
        return tag <= uint.MaxValue && field > 0 ? (field, (WireFormat.WireType)(tag & ((1 << TypeBits) - 1))) : throw Malformed();
    }

    public WireValue ReadValue(WireFormat.WireType type) => type switch
    {
        WireFormat.WireType.Varint => new(type, ReadVarint(), default),
        WireFormat.WireType.Fixed64 => new(type, BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)).Span), default),
        WireFormat.WireType.Fixed32 => new(type, BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)).Span), default),
        WireFormat.WireType.LengthDelimited => new(type, 0, Take(ReadVarint())),
        _ => throw Malformed(),
    };

    /// <summary>A group that has begun, with the groups in it.</summary>
    public void SkipGroup(int field)
    {
        var open = new Stack<int>([field]);
        while (open.Count > 0)
        {
            var (inner, type) = ReadTag();
            switch (type)
            {
                case WireFormat.WireType.StartGroup when open.Count < MessageJson.MostDepth:
                    open.Push(inner);
                    break;
                case WireFormat.WireType.EndGroup when open.Pop() == inner:
                    break;
                default:
                    _ = ReadValue(type);
                    break;
            }
        }
    }

    private ulong ReadVarint()
    {
        var span = message.Span;
        var value = 0UL;
        for (var shift = 0; shift < BitsOfVarint && _at < span.Length; shift += 7)
        {
            var octet = span[_at++];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    private ReadOnlyMemory<byte> Take(ulong length)
    {
        if (length > (ulong)(message.Length - _at))
        {
            throw Malformed();
        }

        var taken = message.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }

    private static InvalidDataException Malformed() => new("the bytes are no message");
}
