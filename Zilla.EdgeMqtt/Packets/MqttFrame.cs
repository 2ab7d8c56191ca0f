using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>One packet as it lies in the receive buffer: type and flags of the fixed header, and what follows it.</summary>
/// <param name="Type">One of the fifteen.</param>
/// <param name="Flags">The lower four bits; other than those of PUBLISH they have been checked.</param>
/// <param name="Body">Variable header and payload; valid as long as the buffer it was read from.</param>
internal readonly record struct MqttFrame(PacketType Type, byte Flags, ReadOnlySequence<byte> Body);
