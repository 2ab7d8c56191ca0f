using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Transactions;

/// <summary>
/// The state of all transactional ids, in a compacted log of their own (folder <c>transactions</c>).
/// <code>
/// key:   format: int16 = 0 | transactional id
/// value: producer id: int64 | epoch: int16 | last epoch: int16 | timeout ms: int32 | state: int8 | started at: int64 | updated at: int64
///        | [topic | partition: int32] | [group]; none = forgotten
/// </code>
/// </summary>
internal sealed class TransactionStore : IDisposable
{
    private const short Format = 0;

    private readonly StateLog _log;

    public TransactionStore(string dataFolder, LogOptions options) => _log = new StateLog(Path.Combine(dataFolder, "transactions"), options);

    public PartitionLog Log => _log.Log;

    public Dictionary<string, TransactionData> ReadAll()
    {
        var all = new Dictionary<string, TransactionData>(StringComparer.Ordinal);
        _log.ReadAll(record =>
        {
            var key = new WireReader(record.Key ?? default);
            if (key.Int16() != Format)
            {
                return;
            }

            var id = key.String();
            if (record.Value is { } value)
            {
                all[id] = Read(new WireReader(value));
            }
            else
            {
                all.Remove(id);
            }
        });
        return all;
    }

    /// <summary>When it returns without error the state is in the file. Null forgets the id.</summary>
    public ErrorCode Write(string transactionalId, TransactionData? data) =>
        _log.Append([KeyValuePair.Create(Key(transactionalId), data is null ? null : Value(data))]);

    public void Dispose() => _log.Dispose();

    private static TransactionData Read(WireReader r) => new(
        new(r.Int64(), r.Int16()), r.Int16(), r.Int32(), (TransactionState)r.Int8(), r.Int64(), r.Int64(),
        [.. r.Array(p => new TopicPartition(p.String(), p.Int32()))], [.. r.Array(g => g.String())]);

    private static byte[] Key(string transactionalId)
    {
        using var writer = new WireWriter();
        writer.Int16(Format);
        writer.String(transactionalId);
        return writer.Written.ToArray();
    }

    private static byte[] Value(TransactionData data)
    {
        using var writer = new WireWriter();
        writer.Int64(data.Producer.Id);
        writer.Int16(data.Producer.Epoch);
        writer.Int16(data.LastEpoch);
        writer.Int32(data.TimeoutMs);
        writer.Int8((sbyte)data.State);
        writer.Int64(data.StartedAt);
        writer.Int64(data.UpdatedAt);
        writer.Array(data.Partitions, static (w, p) =>
        {
            w.String(p.Topic);
            w.Int32(p.Partition);
        });
        writer.Array(data.Groups, static (w, g) => w.String(g));
        return writer.Written.ToArray();
    }
}
