using Confluent.Kafka;
using KafkaAcks = Zilla.Streams.V1.KafkaProduce.Types.Acks;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// One producer per acks mode: idempotent with all in-sync replicas, from the start; the others when they are first asked for. A producer that
/// has failed for good is replaced by the next record.
/// </summary>
internal sealed class ClusterProducers : IDisposable
{
    private readonly ClusterParts _parts;
    private readonly Lock _gate = new();
    private readonly Dictionary<KafkaAcks, IProducer<byte[]?, byte[]?>> _producers = [];
    private readonly CancellationTokenSource _closed = new();
    private bool _disposed;

    public ClusterProducers(ClusterParts parts)
    {
        _parts = parts;
        For(KafkaAcks.InSyncReplicas);
    }

    public Handle Handle => For(KafkaAcks.InSyncReplicas).Handle;

    /// <summary>Cancelled once Kafka's answers are waited for no longer.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>
    /// Writes a record; completes when Kafka has acknowledged it as asked. With <see cref="KafkaAcks.None"/> it completes at the hand-over to
    /// the client library, and the offset is not known.
    /// </summary>
    /// <exception cref="KafkaException">Not written, or not known to be.</exception>
    /// <exception cref="OperationCanceledException">The producers were closed before Kafka answered.</exception>
    public async Task<TopicPartitionOffset> ProduceAsync(TopicPartition target, Message<byte[]?, byte[]?> message, KafkaAcks acks)
    {
        var producer = For(acks);
        if (acks == KafkaAcks.None)
        {
            producer.Produce(target, message);
            return new(target, Offset.Unset);
        }

        // Once handed over a record may be written, whether or not anybody still waits: only the end of the producer ends the wait.
        return (await producer.ProduceAsync(target, message, CancellationToken.None).WaitAsync(_closed.Token)).TopicPartitionOffset;
    }

    /// <summary>
    /// As <see cref="ProduceAsync"/>, for a caller with many records: <paramref name="delivered"/> is called once for each, on a thread of the client
    /// library, unless the producers are <see cref="Closed"/> before; never with <see cref="KafkaAcks.None"/>. Key, value and headers are copied.
    /// </summary>
    /// <exception cref="KafkaException">Not taken; <see cref="ErrorCode.Local_QueueFull"/>: not now.</exception>
    /// <exception cref="ObjectDisposedException">The producers take no more.</exception>
    public void Produce(TopicPartition target, Message<byte[]?, byte[]?> message, KafkaAcks acks, Action<DeliveryReport<byte[]?, byte[]?>> delivered) =>
        For(acks).Produce(target, message, acks == KafkaAcks.None ? null : delivered);

    /// <summary>Takes no more records and waits, bounded, until Kafka has answered for those it has.</summary>
    public void Close()
    {
        IProducer<byte[]?, byte[]?>[] producers;
        lock (_gate)
        {
            _disposed = true;
            producers = [.. _producers.Values];
        }

        foreach (var producer in producers)
        {
            if (producer.Flush(_parts.Options.FlushTimeout) is > 0 and var left)
            {
                CacheLog.Unflushed(_parts.Logger, _parts.Plan.Name, left);
            }
        }

        _closed.Cancel();
    }

    public void Dispose()
    {
        Close();
        foreach (var producer in _producers.Values)
        {
            producer.Dispose();
        }
    }

    private IProducer<byte[]?, byte[]?> For(KafkaAcks acks)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_producers.TryGetValue(acks, out var producer))
            {
                producer = Build(acks);
                _producers.Add(acks, producer);
            }

            return producer;
        }
    }

    private IProducer<byte[]?, byte[]?> Build(KafkaAcks acks)
    {
        var log = new ClientLog(_parts.Logger, _parts.Plan.Name);
        var settings = ClientSettings.Producer(_parts, acks switch
        {
            KafkaAcks.LeaderOnly => Acks.Leader,
            KafkaAcks.None => Acks.None,
            _ => Acks.All,
        });
        var builder = new ProducerBuilder<byte[]?, byte[]?>(settings)
            .SetKeySerializer(Serializers.ByteArray)
            .SetValueSerializer(Serializers.ByteArray)
            .SetLogHandler((_, message) => log.Write($"{acks} producer", message))
            .SetErrorHandler((producer, error) => Replace(acks, producer, error));
        return (BearerToken.For(_parts.Plan, _parts.Time) is { } bearer ? builder.SetOAuthBearerTokenRefreshHandler(bearer) : builder).Build();
    }

    private void Replace(KafkaAcks acks, IProducer<byte[]?, byte[]?> failed, Error error)
    {
        if (!error.IsFatal)
        {
            return;
        }

        lock (_gate)
        {
            if (_disposed || !_producers.TryGetValue(acks, out var current) || current != failed)
            {
                return;
            }

            _producers.Remove(acks);
        }

        CacheLog.ProducerReplaced(_parts.Logger, _parts.Plan.Name, acks.ToString(), error.Reason);
        _ = Task.Run(() =>
        {
            // Not from its own callback, and not before it has said of each record that it will not be written.
            failed.Flush(_parts.Options.ProduceTimeout);
            failed.Dispose();
        });
    }
}
