namespace Zilla.DevKafka.Transactions;

internal static partial class TransactionsLog
{
    [LoggerMessage(1, LogLevel.Warning, "Transaction of {TransactionalId} was open for more than {TimeoutMs} ms: aborted, and its producer fenced")]
    public static partial void TimedOut(this ILogger logger, string transactionalId, int timeoutMs);

    [LoggerMessage(2, LogLevel.Information, "Transaction of {TransactionalId} was interrupted in {State}: completed now")]
    public static partial void Resumed(this ILogger logger, string transactionalId, TransactionState state);

    [LoggerMessage(3, LogLevel.Error, "Transaction of {TransactionalId} stays in {State}: {Error}; it is tried again")]
    public static partial void Stuck(this ILogger logger, string transactionalId, TransactionState state, Wire.ErrorCode error);

    [LoggerMessage(4, LogLevel.Warning, "{Folder}: records of producer {ProducerId} from offset {Offset} on belong to no transaction that is known (the end of another log was lost); aborted")]
    public static partial void Orphaned(this ILogger logger, string folder, long producerId, long offset);
}
