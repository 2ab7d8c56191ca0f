using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>A client's part of a shared subscription: records that nobody else in the group is sent. It finds the group's next owner by itself.</summary>
internal interface IShare : IAsyncDisposable
{
    /// <summary>The next record for this client; for one reader at a time.</summary>
    ValueTask<KafkaRecord> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The client has acknowledged the record, or did not need to. What is never settled goes to another client of the group.</summary>
    void Settle(int partition, long offset);
}
