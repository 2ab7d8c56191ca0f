using System.Buffers.Binary;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>Writes the fields of a packet one after the other into room that is known to suffice.</summary>
internal ref struct PacketWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    /// <summary>Type, flags and the remaining length.</summary>
    public static int HeaderSize(long remaining)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(remaining, VariableByteInteger.Maximum);
        return 1 + VariableByteInteger.Size((uint)remaining);
    }

    /// <summary>Nothing in MQTT 3.1.1.</summary>
    public static int PropertiesSize(MqttProperties properties, MqttVersion version) =>
        version == MqttVersion.V5 ? VariableByteInteger.Size((uint)properties.Encoded.Length) + properties.Encoded.Length : 0;

    /// <summary>Of a reason code and properties at the end of a packet, as short as they can be: nothing, the reason code alone, or both.</summary>
    public static int ReasonSize(ReasonCode reason, MqttProperties properties, MqttVersion version) =>
        version == MqttVersion.V311 || (reason == ReasonCode.Success && properties.IsEmpty) ? 0
        : properties.IsEmpty ? 1
        : 1 + PropertiesSize(properties, version);

    public void WriteHeader(PacketType type, int flags, long remaining)
    {
        WriteByte((byte)(((int)type << 4) | flags));
        Position += VariableByteInteger.Write((uint)remaining, _destination[Position..]);
    }

    public void WriteByte(byte value) => _destination[Position++] = value;

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_destination[Position..], value);
        Position += 2;
    }

    /// <summary>A string or binary data: its length, then its bytes.</summary>
    /// <exception cref="ArgumentException">More than 65,535 bytes.</exception>
    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MqttString.Longest)
        {
            throw new ArgumentException("A field of a packet holds at most 65,535 bytes.", nameof(bytes));
        }

        WriteUInt16((ushort)bytes.Length);
        bytes.CopyTo(_destination[Position..]);
        Position += bytes.Length;
    }

    /// <inheritdoc cref="ReasonSize"/>
    public void WriteReason(ReasonCode reason, MqttProperties properties, MqttVersion version)
    {
        var size = ReasonSize(reason, properties, version);
        if (size > 0)
        {
            WriteByte((byte)reason);
        }

        if (size > 1)
        {
            WriteProperties(properties, version);
        }
    }

    public void WriteProperties(MqttProperties properties, MqttVersion version)
    {
        if (version == MqttVersion.V5)
        {
            Position += VariableByteInteger.Write((uint)properties.Encoded.Length, _destination[Position..]);
            properties.Encoded.Span.CopyTo(_destination[Position..]);
            Position += properties.Encoded.Length;
        }
    }
}
