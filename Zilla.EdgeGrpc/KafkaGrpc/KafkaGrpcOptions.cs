namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>Configuration section <c>Zilla:Edge:Grpc:Work</c>: calls from topics (kafka-grpc).</summary>
internal sealed class KafkaGrpcOptions
{
    public const string Section = "Zilla:Edge:Grpc:Work";

    /// <summary>The most calls that may be under way for each binding and replica of the cache; 1 to 1024, default 128.</summary>
    public int Calls { get; set; } = 128;

    /// <summary>
    /// In which a service has to do something about a call of which it has everything, or does not take what there is: give a message, or the end. Then the call ends with DEADLINE_EXCEEDED, and is a dead
    /// letter. Default 1 day, less than topics keep their records; 0: any time.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How often it is looked whether there are other replicas. Default 1 s.</summary>
    public TimeSpan ReplicaInterval { get; set; } = TimeSpan.FromSeconds(1);
}
