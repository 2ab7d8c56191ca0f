using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>What the requests about transactions have in common.</summary>
internal static class TransactionalId
{
    /// <summary>So that it fits into a key of the coordinator's log in any encoding.</summary>
    private const int MaximumLength = 10_000;

    public static bool IsValid(string id) => id.Length is > 0 and <= MaximumLength;

    /// <summary>PRODUCER_FENCED is younger than most of these requests: before the version that brought it, the epoch is called invalid.</summary>
    public static ErrorCode ErrorFor(ErrorCode error, short version, short fencedFrom) =>
        error == ErrorCode.ProducerFenced && version < fencedFrom ? ErrorCode.InvalidProducerEpoch : error;
}
