using System.Text.Json;

namespace Zilla.Bootstrap;

/// <summary>The package manager's folder of unpacked packages, which it takes for unchangeable.</summary>
internal sealed class GlobalPackages(CacheFolder cache)
{
    private static string Root =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own ? own : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>Removes the unpacked copy of a package if it was unpacked from our feed; a copy from anywhere else is none of our business.</summary>
    public void Forget(WantedPackage package)
    {
        var folder = Path.Combine(Root, package.Id.ToLowerInvariant(), package.Version);
        var origin = Path.Combine(folder, ".nupkg.metadata");
        if (!File.Exists(origin))
        {
            return;
        }

        using var metadata = JsonDocument.Parse(File.ReadAllText(origin));
        if (metadata.RootElement.TryGetProperty("source", out var source) && source.GetString() is { } from && Path.GetFullPath(from) == cache.Feed)
        {
            // The metadata goes first: a restore takes a folder without it for one that was never finished.
            File.Delete(origin);
            Directory.Delete(folder, recursive: true);
        }
    }
}
