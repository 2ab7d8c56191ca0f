using Xunit;

namespace Zilla.Testing;

/// <summary>
/// A fact that needs foreign programs on the PATH (or at an absolute path). Where one is missing the test is reported as skipped, with the
/// Debian package that brings it; <c>.ci/run</c> installs them all and refuses skips.
/// </summary>
public sealed class RequiresToolFactAttribute : FactAttribute
{
    public RequiresToolFactAttribute(params string[] tools) => Skip = RequiredTools.Missing(tools);
}

/// <inheritdoc cref="RequiresToolFactAttribute"/>
public sealed class RequiresToolTheoryAttribute : TheoryAttribute
{
    public RequiresToolTheoryAttribute(params string[] tools) => Skip = RequiredTools.Missing(tools);
}
