using Confluent.Kafka;
using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Produce;

/// <summary>A record of a stream with many of which Kafka has not said yet what became of it; used again for others. Guarded by its <see cref="PendingRecords"/>.</summary>
internal sealed class PendingRecord
{
    private int _partition;
    private long _offset;

    public PendingRecord(PendingRecords owner)
    {
        Delivered = report => owner.Settle(this, report);
        Place = new(this);
    }

    /// <summary>For the client library, which gives a record no other mark to be known by.</summary>
    public Action<DeliveryReport<byte[]?, byte[]?>> Delivered { get; }

    /// <summary>Among those that are not settled, or among those that are and have not been told.</summary>
    public LinkedListNode<PendingRecord> Place { get; }

    /// <summary>How many records of the stream came before it.</summary>
    public long Number { get; private set; }

    public bool IsSettled { get; private set; }

    /// <summary>Why it has failed; null: it has not.</summary>
    public StreamBrokenException? Failure { get; private set; }

    public void Begin(long number) => (Number, IsSettled, Failure) = (number, false, null);

    public void Written(int partition, long offset) => (IsSettled, _partition, _offset) = (true, partition, offset);

    public void Failed(StreamBrokenException why) => (IsSettled, Failure) = (true, why);

    public void AddTo(ProducedResults results)
    {
        if (Failure is { } failure)
        {
            results.AddFailure(Number, failure.Cause, failure.Message, failure.RetryAfter);
        }
        else
        {
            results.Add(Number, _partition, _offset);
        }
    }
}
