namespace Zilla.DevKafka.Transactions;

/// <summary>A transaction that was aborted, as one partition has it: from its first record to its marker, both included.</summary>
internal readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long LastOffset);

/// <summary>A transaction that has written to a partition and has no marker there yet.</summary>
internal readonly record struct OpenTransaction(long ProducerId, short ProducerEpoch, long FirstOffset);
