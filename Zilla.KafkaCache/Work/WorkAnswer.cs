namespace Zilla.KafkaCache.Work;

/// <summary>How a call is answered that no service is asked for.</summary>
/// <param name="Status">Of gRPC.</param>
/// <param name="Reason">In words.</param>
internal sealed record WorkAnswer(uint Status, string Reason)
{
    /// <summary>The end of the call's messages did not come in time.</summary>
    public static WorkAnswer TooLate(TimeSpan limit) => new(4, $"The end of the call's messages did not come within {limit} of the last of them");

    /// <summary>No edge has had a route for the call in time.</summary>
    public static WorkAnswer NoRoute(TimeSpan limit, string reason) => new(12, $"No edge has had a route for the call within {limit}. {reason}");

    public static WorkAnswer TooMuch { get; } = new(8, "The end of the call's messages did not come before as much had to be kept as may be");
}
