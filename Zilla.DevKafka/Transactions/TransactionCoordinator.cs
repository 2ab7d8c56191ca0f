using System.Collections.Concurrent;
using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Producers;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Transactions;

/// <summary>All transactional ids. At start what a crash interrupted is taken to its end before anybody is served.</summary>
internal sealed class TransactionCoordinator : IDisposable
{
    private readonly ConcurrentDictionary<string, Transaction> _transactions = new(StringComparer.Ordinal);
    private readonly TransactionStore _store;
    private readonly TransactionEffects _effects;
    private readonly TransactionOptions _options;
    private readonly ILogger _logger;

    public TransactionCoordinator(TransactionStore store, TopicStore topics, OffsetStore offsets, ProducerIds producerIds, TransactionOptions options, ILogger logger)
    {
        _store = store;
        _options = options;
        _logger = logger;
        ProducerIds = producerIds;
        _effects = new TransactionEffects(store, topics, offsets, producerIds);
        foreach (var (id, data) in store.ReadAll())
        {
            _transactions[id] = New(id, data);
        }

        foreach (var transaction in _transactions.Values)
        {
            transaction.Resume();
        }

        AbortOrphans(topics);
    }

    public ProducerIds ProducerIds { get; }

    public PartitionLog Log => _store.Log;

    public IReadOnlyList<Transaction> All => [.. _transactions.Values.Where(t => t.Data.Producer != ProducerIdentity.None)];

    public Transaction? Find(string? id) => id is not null && _transactions.TryGetValue(id, out var transaction) ? transaction : null;

    public InitResult Initialize(string id, int timeoutMs, ProducerIdentity? expected) =>
        _transactions.GetOrAdd(id, static (key, self) => self.New(key, TransactionData.New), this).Initialize(timeoutMs, expected);

    /// <summary>Writes a transactional batch, which belongs to the open transaction of <paramref name="id"/> or is refused.</summary>
    public AppendResult Append(string? id, in BatchHeader header, TopicPartition partition, PartitionLog log, ReadOnlyMemory<byte> batch) =>
        id is null ? AppendResult.Failed(ErrorCode.TransactionalIdAuthorizationFailed, "transactional records need a transactional id")
        : Find(id) is { } transaction ? transaction.Append(new(header.ProducerId, header.ProducerEpoch), partition, log, batch)
        : AppendResult.Failed(ErrorCode.InvalidProducerIdMapping);

    /// <summary>Forgets ids that nobody has used for long.</summary>
    public void Sweep()
    {
        var before = _options.Now - (long)_options.IdExpiry.TotalMilliseconds;
        foreach (var (id, transaction) in _transactions)
        {
            if (transaction.TryForget(before))
            {
                _transactions.TryRemove(KeyValuePair.Create(id, transaction));
            }
        }
    }

    public void Dispose()
    {
        foreach (var transaction in _transactions.Values)
        {
            transaction.Dispose();
        }

        _store.Dispose();
    }

    private Transaction New(string id, TransactionData data) => new(id, data, _effects, _options, _logger);

    /// <summary>
    /// A power failure may have cost a partition its marker, or this coordinator its state: records that no transaction claims would hold up readers for ever.
    /// </summary>
    private void AbortOrphans(TopicStore topics)
    {
        var owned = _transactions.Values.Select(t => t.Data).Where(d => d.State == TransactionState.Ongoing || d.IsPrepared)
            .SelectMany(d => d.Partitions.Select(p => (d.Producer.Id, p))).ToHashSet();
        foreach (var topic in topics.All)
        {
            for (var i = 0; i < topic.Partitions.Count; i++)
            {
                foreach (var orphan in topic.Partitions[i].OpenTransactions.Where(o => !owned.Contains((o.ProducerId, new(topic.Name, i)))))
                {
                    _logger.Orphaned(topic.Partitions[i].Folder, orphan.ProducerId, orphan.FirstOffset);
                    topic.Partitions[i].EndTransaction(orphan.ProducerId, orphan.ProducerEpoch, commit: false);
                }
            }
        }
    }
}
