namespace Zilla.KafkaCache.Work;

/// <summary>What may be kept of calls that are not over.</summary>
/// <param name="Calls">So many.</param>
/// <param name="Bytes">Of all their records together; one call alone may be larger by its last record.</param>
/// <param name="Idle">How long the next record of a call may take to come, as <see cref="WaitingWatch"/> counts it.</param>
/// <param name="Unrouted">How long a call waits for an edge that has a route for it, as <see cref="WorkRefusals"/> count it.</param>
internal sealed record WorkLimits(int Calls, long Bytes, TimeSpan Idle, TimeSpan Unrouted);
