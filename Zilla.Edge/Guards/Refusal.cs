namespace Zilla.Edge.Guards;

/// <summary>Why a guard does not accept credentials. For the log; clients are not told.</summary>
public enum Refusal
{
    None,

    /// <summary>They are no token, or one that is not understood.</summary>
    Malformed,

    /// <summary>They name an algorithm that is not the key's, or is none.</summary>
    Algorithm,

    /// <summary>They name no key, or one that the guard does not have.</summary>
    UnknownKey,

    /// <summary>No key could be had so far: whether they are good cannot be told.</summary>
    KeysUnavailable,

    Signature,
    NotYetValid,
    Expired,
    Issuer,
    Audience,
}
