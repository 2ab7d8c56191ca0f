using Zilla.AppHost.Hosting;

namespace Zilla.AppHost.Tests.Processes;

/// <summary>A theory that needs Aspire's orchestrator and dashboard, which the first build of the solution fetches where it can.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresBundleTheoryAttribute : TheoryAttribute
{
    public RequiresBundleTheoryAttribute() => Skip = RequiresBundle.Reason;
}

/// <inheritdoc cref="RequiresBundleTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresBundleFactAttribute : FactAttribute
{
    public RequiresBundleFactAttribute() => Skip = RequiresBundle.Reason;
}

internal static class RequiresBundle
{
    public static string? Reason { get; } =
        Bundle.Locate(Environment.GetEnvironmentVariable) is var bundle && bundle is { Exists: true, HasDashboard: true } ? null : $"Aspire's bundle is not in {bundle.Folder}";
}
