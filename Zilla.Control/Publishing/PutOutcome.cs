using Zilla.Config.Loading;

namespace Zilla.Control.Publishing;

internal enum PutVerdict
{
    /// <summary>In force, everywhere as soon as services have applied it.</summary>
    Accepted,

    /// <summary>Nothing has changed; see the errors.</summary>
    Refused,

    /// <summary>Something else is in force than the sender believes.</summary>
    OutOfDate,

    /// <summary>It could not be kept, and is not in force.</summary>
    NotKept,

    /// <summary>The source has not been read yet: what is in force cannot be told.</summary>
    TooEarly,
}

/// <param name="Verdict">What became of it.</param>
/// <param name="Published">In force now; null = nothing.</param>
/// <param name="Errors">Of a refused one.</param>
internal sealed record PutOutcome(PutVerdict Verdict, Published? Published, IReadOnlyList<ConfigurationError> Errors);

/// <summary>The last configuration that was put and refused.</summary>
internal sealed record RefusedPut(DateTimeOffset At, IReadOnlyList<ConfigurationError> Errors);
