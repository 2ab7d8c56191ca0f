using System.Diagnostics.CodeAnalysis;

namespace Zilla.Config.Loading;

/// <summary>Either a configuration without a mistake, or every mistake in it, by line and column.</summary>
public sealed record ConfigurationResult(ZillaConfiguration? Configuration, IReadOnlyList<ConfigurationError> Errors)
{
    /// <summary>The file's text with literal secrets masked: what may be shown. References such as <c>${{env.…}}</c> stay.</summary>
    public string ShownText { get; init; } = "";

    [MemberNotNullWhen(true, nameof(Configuration))]
    public bool IsValid => Configuration is not null;
}
