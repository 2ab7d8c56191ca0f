using System.Collections.Immutable;
using Zilla.DevKafka.Groups;

namespace Zilla.DevKafka.Transactions;

/// <summary>Who writes: the id that stays with a transactional id, and the epoch that tells its successive producers apart.</summary>
internal readonly record struct ProducerIdentity(long Id, short Epoch)
{
    public const short NoEpoch = -1;

    public static ProducerIdentity None { get; } = new(-1, NoEpoch);

    /// <summary>The last epoch but one is where an id ends: one more is kept to fence it with.</summary>
    public bool IsExhausted => Epoch >= short.MaxValue - 1;

    public ProducerIdentity Next => this with { Epoch = (short)Math.Min(Epoch + 1, short.MaxValue) };
}

/// <summary>
/// All that is durable of a transactional id. <paramref name="LastEpoch"/>: the epoch before, whose owner may ask for the bump again (-1: nobody may).
/// Times in ms since 1970; <paramref name="StartedAt"/> is -1 where no transaction is open.
/// </summary>
internal sealed record TransactionData(
    ProducerIdentity Producer,
    short LastEpoch,
    int TimeoutMs,
    TransactionState State,
    long StartedAt,
    long UpdatedAt,
    ImmutableHashSet<TopicPartition> Partitions,
    ImmutableHashSet<string> Groups)
{
    public static TransactionData New { get; } = new(ProducerIdentity.None, ProducerIdentity.NoEpoch, 0, TransactionState.Empty, -1, -1, [], []);

    public bool IsPrepared => State is TransactionState.PrepareCommit or TransactionState.PrepareAbort;
}
