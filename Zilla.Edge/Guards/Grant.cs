namespace Zilla.Edge.Guards;

/// <summary>What a guard has found in credentials that it accepts (reference §3.1).</summary>
/// <param name="Guard">The guard's name.</param>
/// <param name="Identity"><c>${guarded['g'].identity}</c>; null: the credentials name nobody. Never empty.</param>
public sealed record Grant(string Guard, string? Identity)
{
    public IReadOnlySet<string> Roles { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary><c>${guarded['g'].attributes.a}</c>; those that the credentials lack are not in it. No value is empty.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>When streams of these credentials end; null = never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>When their client is asked for newer ones; null = it is not.</summary>
    public DateTimeOffset? Challenge { get; init; }

    /// <summary>
    /// Whether a client that showed <paramref name="earlier"/> may go on with what was opened with it: the same identity and attributes, which
    /// filters may have been made of, and no role less.
    /// </summary>
    public bool Renews(Grant earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return Guard == earlier.Guard
            && Identity is not null && Identity == earlier.Identity
            && Roles.IsSupersetOf(earlier.Roles)
            && Attributes.Count == earlier.Attributes.Count
            && Attributes.All(attribute => earlier.Attributes.GetValueOrDefault(attribute.Key) == attribute.Value);
    }

    /// <summary>Names the guard alone: records are logged whole.</summary>
    public override string ToString() => $"granted by {Guard}";
}
