namespace Zilla.KafkaCache.Conversion;

/// <summary>
/// The one place on the way in from Kafka, and the one on the way out to it, where a value is validated and converted. Models are to come;
/// until then <see cref="None"/> lets everything pass as it is.
/// </summary>
internal interface IRecordConversion
{
    static readonly IRecordConversion None = new Identity();

    /// <summary>From Kafka's value to the one that readers see. False: the record is invalid and is not shown.</summary>
    bool TryFill(string topic, ref ReadOnlySpan<byte> value);

    /// <summary>From a client's value to the one that is written to Kafka. False: the record is refused for <paramref name="reason"/>.</summary>
    bool TryProduce(string topic, ref byte[] value, out string reason);

    private sealed class Identity : IRecordConversion
    {
        public bool TryFill(string topic, ref ReadOnlySpan<byte> value) => true;

        public bool TryProduce(string topic, ref byte[] value, out string reason)
        {
            reason = "";
            return true;
        }
    }
}
