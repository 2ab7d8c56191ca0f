namespace Zilla.Config.Guards;

/// <summary>A guard of which nothing but the name could be read; no valid configuration holds one.</summary>
internal sealed record UnsupportedGuard : GuardConfig;
