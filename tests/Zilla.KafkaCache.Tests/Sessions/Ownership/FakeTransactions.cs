using Confluent.Kafka;
using Zilla.KafkaCache.Sessions.Ownership;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>A transactional producer without Kafka, which keeps what was committed and fails as told.</summary>
internal sealed class FakeTransactions : ITransactions
{
    private readonly List<(TransactionRecord Record, Action<DeliveryResult> Delivered)> _open = [];
    private readonly Lock _gate = new();
    private readonly List<IReadOnlyList<string>> _committed = [];
    private bool _begun;
    private long _next;

    /// <summary>Called in each commit, before it is one; what it throws is what the commit throws.</summary>
    public Action Committing { get; set; } = () => { };

    /// <summary>What Kafka says of a record.</summary>
    public Func<TransactionRecord, ErrorCode> Judge { get; set; } = _ => ErrorCode.NoError;

    /// <summary>Keys, a transaction each.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Committed
    {
        get
        {
            lock (_gate)
            {
                return [.. _committed];
            }
        }
    }

    public int Aborted { get; private set; }
    public bool Disposed { get; private set; }

    public static KafkaException Retriable => new KafkaRetriableException(new Error(ErrorCode.Local_TimedOut));

    public static KafkaException RequiresAbort => new KafkaTxnRequiresAbortException(new Error(ErrorCode.RequestTimedOut));

    public static KafkaException Fenced => new(new Error(ErrorCode.Local_Fenced, "fenced", isFatal: true));

    public void Initialize()
    {
    }

    public void Begin()
    {
        Assert.False(_begun);
        _begun = true;
    }

    public void Produce(TransactionRecord record, Action<DeliveryResult> delivered)
    {
        Assert.True(_begun);
        _open.Add((record, delivered));
    }

    public void Commit()
    {
        Assert.True(_begun);
        Committing();
        var refused = _open.Exists(open => Judge(open.Record) != ErrorCode.NoError);
        foreach (var (record, delivered) in _open)
        {
            delivered(new(new Error(Judge(record)), refused ? -1001 : _next++));
        }

        if (refused)
        {
            throw RequiresAbort;
        }

        lock (_gate)
        {
            _committed.Add([.. _open.Select(open => System.Text.Encoding.UTF8.GetString(open.Record.Key!))]);
        }

        End();
    }

    public void Abort()
    {
        Assert.True(_begun);
        Aborted++;
        End();
    }

    public int PartitionsOf(string topic) => topic.StartsWith("unknown", StringComparison.Ordinal) ? throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart)) : 4;

    public void Dispose() => Disposed = true;

    private void End()
    {
        _open.Clear();
        _begun = false;
    }
}
