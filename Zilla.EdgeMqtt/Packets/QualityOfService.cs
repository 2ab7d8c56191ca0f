namespace Zilla.EdgeMqtt.Packets;

/// <summary>§4.3, the two bits on the wire; 3 is reserved.</summary>
internal enum QualityOfService : byte
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
}
