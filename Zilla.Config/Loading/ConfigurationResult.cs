using System.Diagnostics.CodeAnalysis;

namespace Zilla.Config.Loading;

/// <summary>Either a configuration without a mistake, or every mistake in it, by line and column.</summary>
public sealed record ConfigurationResult(ZillaConfiguration? Configuration, IReadOnlyList<ConfigurationError> Errors)
{
    [MemberNotNullWhen(true, nameof(Configuration))]
    public bool IsValid => Configuration is not null;
}
