using Xunit;

namespace Zilla.Testing;

/// <summary>
/// A fact that needs foreign programs on the PATH (or at an absolute path). Where one is missing the test is reported as skipped, with the
/// Debian package that brings it; <c>.ci/run</c> installs them all and refuses skips.
/// </summary>
public sealed class RequiresToolFactAttribute : FactAttribute
{
    private static readonly Dictionary<string, string> Packages = new(StringComparer.Ordinal)
    {
        ["kcat"] = "kcat",
        ["curl"] = "curl",
        ["node"] = "nodejs",
        ["npm"] = "npm",
        ["chromium"] = "chromium",
        ["/usr/lib/python3/dist-packages/kafka/__init__.py"] = "python3-kafka",
    };

    public RequiresToolFactAttribute(params string[] tools)
    {
        foreach (var tool in tools)
        {
            if (!Exists(tool))
            {
                Skip = $"{tool} is missing (Debian package: {Packages.GetValueOrDefault(tool, tool)})";
                return;
            }
        }
    }

    private static bool Exists(string tool) => Path.IsPathRooted(tool)
        ? File.Exists(tool)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
