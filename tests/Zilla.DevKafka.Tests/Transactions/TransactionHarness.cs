using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Producers;
using Zilla.DevKafka.Tests.Log;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Transactions;

/// <summary>Coordinator, a topic <c>t</c> of three partitions and the offsets of groups, on a clock that stands still; can be closed and opened again.</summary>
internal sealed class TransactionHarness : IDisposable
{
    public const string Id = "tx";
    public const string Group = "g";
    public const int Timeout = 60_000;

    private readonly TemporaryFolder? _own;
    private readonly TransactionOptions _options;
    private readonly LogOptions _log;

    /// <param name="folder">Where the data lie; null for a new folder that goes with this object.</param>
    public TransactionHarness(string? folder = null)
    {
        _own = folder is null ? new TemporaryFolder() : null;
        Folder = folder ?? _own!.Path;
        _options = new TransactionOptions(Time);
        _log = new LogOptions(false, LogOptions.DefaultProducerExpiry, Time, NullLogger.Instance);
        Open();
    }

    public string Folder { get; }
    public ManualTime Time { get; } = new();
    public TopicStore Topics { get; private set; } = null!;
    public OffsetStore Offsets { get; private set; } = null!;
    public TransactionCoordinator Coordinator { get; private set; } = null!;

    public Transaction Transaction => Coordinator.Find(Id)!;

    public TransactionState State => Transaction.Data.State;

    /// <summary>Nothing is written at close, so it is as after a crash.</summary>
    public void Reopen()
    {
        Close();
        Open();
    }

    public ProducerIdentity Init(ProducerIdentity? expected = null)
    {
        var result = Coordinator.Initialize(Id, Timeout, expected);
        Assert.Equal(ErrorCode.None, result.Error);
        return result.Producer;
    }

    /// <summary>Adds partitions and writes one record to each.</summary>
    public void Write(ProducerIdentity producer, params int[] partitions)
    {
        Assert.Equal(ErrorCode.None, Transaction.AddPartitions(producer, [.. partitions.Select(p => new TopicPartition("t", p))]));
        foreach (var partition in partitions)
        {
            Assert.Equal(ErrorCode.None, Append(producer, partition));
        }
    }

    public ErrorCode Append(ProducerIdentity producer, int partition, int sequence = 0)
    {
        var batch = Batches.InTransaction(producer.Id, producer.Epoch, sequence, ("k", "v"));
        return BatchHeader.TryRead(batch, out var header) == BatchResult.Batch
            ? Coordinator.Append(Id, header, new("t", partition), Topics.Partition("t", partition)!, batch).Error
            : ErrorCode.CorruptMessage;
    }

    public void CommitOffset(ProducerIdentity producer, long offset)
    {
        Assert.Equal(ErrorCode.None, Transaction.AddGroup(producer, Group));
        Assert.Equal(ErrorCode.None, Transaction.CommitOffsets(producer, Group, [KeyValuePair.Create(new TopicPartition("t", 0), new CommittedOffset(offset, 0, "", 0))]));
    }

    public long? Offset => Offsets.Find(Group, new("t", 0))?.Offset;

    /// <summary>What a committed reader is told of a partition: whether something is open, and how many transactions were aborted.</summary>
    public (bool Open, int Aborted) Outcome(int partition)
    {
        var log = Topics.Partition("t", partition)!;
        using var slice = log.Read(0, 1 << 20, atLeastOne: true, committed: true);
        return (log.OpenTransactions.Count > 0, slice!.Aborted.Count);
    }

    public void Dispose()
    {
        Close();
        _own?.Dispose();
    }

    private void Open()
    {
        Topics = new TopicStore(Folder, _log, new Dictionary<string, string>());
        Topics.Create("t", 3, new Dictionary<string, string>());
        Offsets = new OffsetStore(Folder, _log);
        Coordinator = new TransactionCoordinator(new TransactionStore(Folder, _log), Topics, Offsets, new ProducerIds(Folder), _options, NullLogger.Instance);
    }

    private void Close()
    {
        Coordinator.Dispose();
        Topics.Dispose();
        Offsets.Dispose();
    }
}
