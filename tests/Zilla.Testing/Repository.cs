namespace Zilla.Testing;

/// <summary>Where the checkout lies that these tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The build output of one of the suite's services, or of another program by its folder, for the configuration the tests themselves were built in.</summary>
    public static string Service(string project) =>
        Path.Combine(Root, project, "bin", Configuration, "net10.0", Path.GetFileName(project) + (OperatingSystem.IsWindows() ? ".exe" : ""));

    private static string Configuration { get; } = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Zilla.Aspire.sln")) ? folder
        : Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) is { Length: > 0 } parent ? Find(parent)
        : throw new DirectoryNotFoundException($"No Zilla.Aspire.sln above {AppContext.BaseDirectory}");
}
