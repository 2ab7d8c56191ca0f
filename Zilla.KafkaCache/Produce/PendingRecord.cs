using Confluent.Kafka;
using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Produce;

/// <summary>A record of a stream with many of which Kafka has not said yet what became of it; used again for others. Guarded by its <see cref="PendingRecords"/>.</summary>
internal sealed class PendingRecord
{
    private int _partition;
    private long _offset;
    private StreamBrokenException? _failure;

    public PendingRecord(PendingRecords owner) => Delivered = report => owner.Settle(this, report);

    /// <summary>For the client library, which gives a record no other mark to be known by.</summary>
    public Action<DeliveryReport<byte[]?, byte[]?>> Delivered { get; }

    public bool IsSettled { get; private set; }

    public bool HasFailed => _failure is not null;

    public void Reset() => (IsSettled, _failure) = (false, null);

    public void Written(int partition, long offset) => (IsSettled, _partition, _offset) = (true, partition, offset);

    public void Failed(StreamBrokenException why) => (IsSettled, _failure) = (true, why);

    public void AddTo(ProducedResults results)
    {
        if (_failure is { } failure)
        {
            results.AddFailure(failure.Cause, failure.Message, failure.RetryAfter);
        }
        else
        {
            results.Add(_partition, _offset);
        }
    }
}
