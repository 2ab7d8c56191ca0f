namespace Zilla.Edge.Guards;

/// <summary>A guard's answer: either a grant, or why there is none.</summary>
public readonly record struct Verdict(Grant? Grant, Refusal Refusal)
{
    public static implicit operator Verdict(Grant grant) => new(grant, Refusal.None);

    public static implicit operator Verdict(Refusal refusal) => new(null, refusal);
}
