using System.Buffers;
using System.Buffers.Binary;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>
/// Puts properties together, in the order of the calls. That each may stand in the packet, and once only, is the caller's to know. To be used again
/// and again, <see cref="Clear"/> it once what it built is no longer needed: it then allocates nothing.
/// </summary>
internal sealed class MqttPropertiesBuilder
{
    private readonly ArrayBufferWriter<byte> _encoded = new(64);

    /// <exception cref="ArgumentException">The property is not a number.</exception>
    public MqttPropertiesBuilder Add(PropertyId id, uint number)
    {
        var destination = _encoded.GetSpan(5);
        destination[0] = (byte)id;
        switch (PropertyRule.Of(id).Type)
        {
            case PropertyType.Byte:
                destination[1] = checked((byte)number);
                _encoded.Advance(2);
                break;
            case PropertyType.TwoByteInteger:
                BinaryPrimitives.WriteUInt16BigEndian(destination[1..], checked((ushort)number));
                _encoded.Advance(3);
                break;
            case PropertyType.FourByteInteger:
                BinaryPrimitives.WriteUInt32BigEndian(destination[1..], number);
                _encoded.Advance(5);
                break;
            case PropertyType.VariableByteInteger:
                _encoded.Advance(1 + VariableByteInteger.Write(number, destination[1..]));
                break;
            default:
                throw new ArgumentException($"{id} is not a number.", nameof(id));
        }

        return this;
    }

    public MqttPropertiesBuilder Add(PropertyId id, MqttString text) => Add(id, text.Utf8);

    /// <summary>At most 65,535 bytes.</summary>
    public MqttPropertiesBuilder Add(PropertyId id, ReadOnlyMemory<byte> bytes)
    {
        if (PropertyRule.Of(id).Type is not (PropertyType.String or PropertyType.Binary))
        {
            throw new ArgumentException($"{id} is neither text nor bytes.", nameof(id));
        }

        var writer = new PacketWriter(_encoded.GetSpan(3 + bytes.Length));
        writer.WriteByte((byte)id);
        writer.WriteBinary(bytes.Span);
        _encoded.Advance(writer.Position);
        return this;
    }

    public MqttPropertiesBuilder AddUserProperty(MqttString name, MqttString value)
    {
        var writer = new PacketWriter(_encoded.GetSpan(5 + name.Length + value.Length));
        writer.WriteByte((byte)PropertyId.UserProperty);
        writer.WriteBinary(name.Span);
        writer.WriteBinary(value.Span);
        _encoded.Advance(writer.Position);
        return this;
    }

    /// <summary>A view of what has been added so far.</summary>
    public MqttProperties Build() => new(_encoded.WrittenMemory);

    public void Clear() => _encoded.ResetWrittenCount();
}
