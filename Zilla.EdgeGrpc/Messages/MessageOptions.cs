namespace Zilla.EdgeGrpc.Messages;

/// <summary>Configuration section <c>Zilla:Edge:Grpc</c>.</summary>
internal sealed class MessageOptions
{
    public const string Section = "Zilla:Edge:Grpc";

    private const long Most = 256L << 20;

    /// <summary>
    /// Bytes that the messages may take together which are on their way in, from clients and from services; a call whose message does not fit ends with RESOURCE_EXHAUSTED.
    /// 0 (default): 256 MiB, or a quarter of the memory that the process may have if that is less.
    /// </summary>
    public long MaxBegunBytes { get; set; }

    /// <summary>
    /// Bytes of these that several messages of one client connection may take together; a single message is bounded by its size. 0 (default): half of them.
    /// </summary>
    public long MaxConnectionBegunBytes { get; set; }

    /// <summary>In which more of a client's message that has begun has to come, 4 KiB or its end; then its call ends with DEADLINE_EXCEEDED. Default 30 s.</summary>
    public TimeSpan MaxBegunPause { get; set; } = TimeSpan.FromSeconds(30);

    public long EffectiveMaxConnectionBegunBytes => MaxConnectionBegunBytes > 0 ? MaxConnectionBegunBytes : EffectiveMaxBegunBytes / 2;

    public long EffectiveMaxBegunBytes => MaxBegunBytes > 0 ? MaxBegunBytes : Math.Min(Most, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
}
