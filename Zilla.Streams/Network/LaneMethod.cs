using System.Buffers;
using Grpc.Core;
using Zilla.Streams.Lanes;

namespace Zilla.Streams.Network;

/// <summary>
/// <c>rpc Lane(stream Batch) returns (stream Batch)</c> of streams.proto, by hand: a batch is encoded long before gRPC asks for it, and
/// decoded frame by frame out of one array, so gRPC only ever sees bytes.
/// </summary>
internal static class LaneMethod
{
    /// <summary>What gRPC accepts as a message: the lane itself refuses a batch that is too large, with a cause.</summary>
    public const int MaxMessage = LaneOptions.MaxBatch + 64 * 1024;

    private static readonly Marshaller<LaneBatch> Batches = Marshallers.Create(Serialize, Deserialize);

    public static Method<LaneBatch, LaneBatch> Definition { get; } = new(MethodType.DuplexStreaming, "zilla.streams.v1.Streams", "Lane", Batches, Batches);

    private static void Serialize(LaneBatch batch, SerializationContext context)
    {
        context.SetPayloadLength(batch.Bytes.Length);
        context.GetBufferWriter().Write(batch.Bytes.Span);
        context.Complete();
    }

    private static LaneBatch Deserialize(DeserializationContext context)
    {
        // The one copy on the receiving side; frames are slices of it and may be kept.
        var bytes = GC.AllocateUninitializedArray<byte>(context.PayloadLength);
        context.PayloadAsReadOnlySequence().CopyTo(bytes);
        return new() { Bytes = bytes };
    }
}
