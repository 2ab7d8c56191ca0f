namespace Zilla.EdgeGrpc.KafkaGrpc;

internal static partial class KafkaGrpcLog
{
    [LoggerMessage(1, LogLevel.Information, "{Binding}: calls are made for {Replica}")]
    public static partial void Joined(ILogger logger, string binding, string replica);

    [LoggerMessage(2, LogLevel.Debug, "{Binding}: no calls from {Replica}: {Reason}")]
    public static partial void Left(ILogger logger, string binding, string replica, string reason);

    [LoggerMessage(EventId = 3, Message = "{Binding}: {Target}, call {CorrelationId}, is begun anew after attempt {Attempt}: {Reason}")]
    public static partial void Repeated(ILogger logger, LogLevel level, string binding, string target, string correlationId, int attempt, string reason);

    [LoggerMessage(4, LogLevel.Error, "{Binding}: a call met a fault")]
    public static partial void Fault(ILogger logger, Exception fault, string binding);
}
