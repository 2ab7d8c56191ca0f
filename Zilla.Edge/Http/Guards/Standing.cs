namespace Zilla.Edge.Http.Guards;

/// <summary>How a request stands with the guard of its http server; decides what it is told when no route takes it (reference §2.4).</summary>
public enum Standing
{
    /// <summary>There is no guard: 404.</summary>
    Unguarded,

    /// <summary>It has no credentials: 401.</summary>
    Missing,

    /// <summary>Its credentials are not accepted: 403.</summary>
    Refused,

    /// <summary>Nobody can tell at present, for want of keys: 503.</summary>
    Undecided,

    /// <summary>404.</summary>
    Accepted,
}
