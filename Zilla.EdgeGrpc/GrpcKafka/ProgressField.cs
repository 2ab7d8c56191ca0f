using Zilla.Streams.Kafka;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>The field with the progress that goes behind each message of one call; written again and again into the same memory.</summary>
/// <param name="number">The field's.</param>
internal sealed class ProgressField(int number)
{
    private byte[] _encoded = [];

    /// <summary>Valid until the next one.</summary>
    public ReadOnlyMemory<byte> Encode(ProgressVector position)
    {
        var length = position.FieldLength(number);
        if (length > _encoded.Length)
        {
            _encoded = new byte[2 * length];
        }

        return _encoded.AsMemory(0, position.EncodeField(number, _encoded));
    }
}
