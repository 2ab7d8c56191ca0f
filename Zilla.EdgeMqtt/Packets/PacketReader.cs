using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>
/// Reads the fields of a packet one after the other. The first fault stays; whatever is read after it is zero or empty, so that a decoder reads
/// straight through and asks once, by <see cref="TryFinish"/>.
/// </summary>
internal ref struct PacketReader(ReadOnlySequence<byte> body)
{
    private SequenceReader<byte> _body = new(body);

    public MqttError? Error { get; private set; }

    /// <summary>Nothing is left, or there has been a fault.</summary>
    public readonly bool AtEnd => Error is not null || _body.End;

    public readonly long Remaining => Error is null ? _body.Remaining : 0;

    public void Fail(MqttError error) => Error ??= error;

    /// <summary>A fault of <see cref="ReasonCode.ProtocolError"/> unless it holds.</summary>
    public void Require(bool holds, string cause)
    {
        if (!holds)
        {
            Fail(MqttError.Protocol(cause));
        }
    }

    /// <summary>All has been read, and there was no fault.</summary>
    public bool TryFinish(out MqttError error)
    {
        if (!AtEnd)
        {
            Fail(MqttError.Malformed("more bytes than the packet has fields (2.1.4)"));
        }

        error = Error ?? default;
        return Error is null;
    }

    public byte ReadByte()
    {
        if (Error is null && _body.TryRead(out var value))
        {
            return value;
        }

        FailShort();
        return 0;
    }

    public ushort ReadUInt16()
    {
        if (Error is null && _body.TryReadBigEndian(out short value))
        {
            return (ushort)value;
        }

        FailShort();
        return 0;
    }

    /// <summary>§2.2.1: not 0.</summary>
    public ushort ReadPacketId()
    {
        var id = ReadUInt16();
        Require(Error is not null || id != 0, "packet identifier 0 (MQTT-2.2.1-3, 2.2.1-4; 3.1.1: 2.3.1-1)");
        return id;
    }

    public MqttString ReadString()
    {
        var text = new MqttString(ReadBinary());
        if (!MqttString.IsWellFormed(text.Span))
        {
            Fail(MqttError.Malformed("a string is not well-formed UTF-8 (MQTT-1.5.4-1, 1.5.4-2)"));
        }

        return text;
    }

    public ReadOnlyMemory<byte> ReadBinary() => Take(ReadUInt16());

    /// <summary>All that is left.</summary>
    public ReadOnlySequence<byte> ReadRest()
    {
        if (Error is not null)
        {
            return default;
        }

        var rest = _body.UnreadSequence;
        _body.AdvanceToEnd();
        return rest;
    }

    /// <summary>Nothing in MQTT 3.1.1.</summary>
    public MqttProperties ReadProperties(PropertyPlace place, MqttVersion version)
    {
        if (version != MqttVersion.V5 || Error is not null)
        {
            return default;
        }

        Span<byte> copy = stackalloc byte[4];
        var start = copy[..(int)Math.Min(4, _body.Remaining)];
        _body.TryCopyTo(start);
        var size = VariableByteInteger.Read(start, out var length);
        if (size <= 0 || size != VariableByteInteger.Size(length))
        {
            Fail(MqttError.Malformed("length of the properties (2.2.2.1, MQTT-1.5.5-1)"));
            return default;
        }

        _body.Advance(size);
        var properties = new MqttProperties(Take(length));
        if (Error is null && !PropertyCheck.IsSound(properties, place, out var fault))
        {
            Fail(fault);
        }

        return Error is null ? properties : default;
    }

    /// <summary>A slice; a copy when it lies across two segments, which only what comes at the end of a receive buffer does.</summary>
    private ReadOnlyMemory<byte> Take(uint length)
    {
        if (Error is not null || _body.Remaining < length)
        {
            FailShort();
            return default;
        }

        var bytes = _body.UnreadSequence.Slice(0, length);
        _body.Advance(length);
        return bytes.IsSingleSegment ? bytes.First : bytes.ToArray();
    }

    private void FailShort() => Fail(MqttError.Malformed("fewer bytes than the packet has fields (2.1.4)"));
}
