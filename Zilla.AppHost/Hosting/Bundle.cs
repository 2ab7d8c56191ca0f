using System.Reflection;

namespace Zilla.AppHost.Hosting;

/// <summary>Aspire's orchestrator and dashboard, which the build fetches once into a folder of the user's cache.</summary>
internal sealed record Bundle(string Folder)
{
    /// <summary>The orchestrator's program.</summary>
    public string Dcp => Path.Combine(Folder, "dcp", Executable("dcp"));

    /// <summary>The dashboard's program.</summary>
    public string Dashboard => Path.Combine(Folder, "managed", Executable("aspire-managed"));

    public bool Exists => File.Exists(Dcp);

    public bool HasDashboard => File.Exists(Dashboard);

    /// <summary>Where the bundle is on this machine, or would be.</summary>
    public static Bundle Locate(Func<string, string?> environment) => new(Path.Combine(CacheFolder(environment), "aspire", Version()));

    private static string CacheFolder(Func<string, string?> environment) =>
        environment("ZILLA_CACHE") is { Length: > 0 } own ? own
        : environment("XDG_CACHE_HOME") is { Length: > 0 } xdg ? Path.Combine(xdg, "zilla-aspire")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "zilla-aspire");

    private static string Version() =>
        typeof(Bundle).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "AspireBundleVersion").Value ?? "";

    private static string Executable(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;
}
