namespace Zilla.Streams.Network;

/// <summary>One encoded <c>Batch</c> as gRPC's message type.</summary>
internal sealed class LaneBatch
{
    public ReadOnlyMemory<byte> Bytes { get; set; }
}
