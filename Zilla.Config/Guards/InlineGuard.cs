namespace Zilla.Config.Guards;

/// <summary>Reference §3.1: a guard that holds what is presented upstream.</summary>
public sealed record InlineGuard : GuardConfig
{
    public string Identity { get; init; } = "";
    public string Credentials { get; init; } = "";

    /// <summary>Says nothing secret: records are logged whole.</summary>
    public override string ToString() => $"inline {Identity}";
}
