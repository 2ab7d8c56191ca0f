using System.Text.Json;

namespace Zilla.Bootstrap;

/// <summary>
/// Turns the assemblies inside the dashboard's program into ordinary packages, unmodified and under their own ids and versions. The dashboard's dependency
/// file says which assembly belongs to which package, and what that package depends on.
/// </summary>
internal sealed class PackageFeed(Pins pins, CacheFolder cache, Report report)
{
    public void Make(IReadOnlyCollection<WantedPackage> lacking, AspireBundle bundle)
    {
        WantedPackage[] packages = [.. pins.FromDashboard.Where(lacking.Contains)];
        if (packages.Length == 0)
        {
            return;
        }

        using var program = File.OpenRead(bundle.Dashboard);
        var files = new SingleFileBundle(program);
        using var dependencies = JsonDocument.Parse(files.Read("aspire-managed.deps.json"));
        // The target for the runtime ("…/linux-x64") names the assets that were chosen for it.
        var target = dependencies.RootElement.GetProperty("targets").EnumerateObject().First(t => t.Name.Contains('/', StringComparison.Ordinal)).Value;
        foreach (var package in packages)
        {
            var nupkg = Repackage(package, target, files.Read);
            cache.Publish(Path.Combine(cache.Feed, nupkg.FileName), nupkg.ToBytes());
        }

        report.Say($"{packages.Length} packages made");
    }

    /// <param name="package">What to make.</param>
    /// <param name="target">The dependency file's entry for the runtime.</param>
    /// <param name="read">Gives the assembly of a file name.</param>
    /// <exception cref="RefusalException">The dashboard does not hold this package in the pinned version.</exception>
    public static Nupkg Repackage(WantedPackage package, JsonElement target, Func<string, byte[]> read)
    {
        if (!target.TryGetProperty($"{package.Id}/{package.Version}", out var entry) || !entry.TryGetProperty("runtime", out var assets))
        {
            throw new RefusalException($"the dashboard holds no {package.Id} {package.Version}");
        }

        Dictionary<string, string> dependencies = new(StringComparer.OrdinalIgnoreCase);
        if (entry.TryGetProperty("dependencies", out var listed))
        {
            foreach (var dependency in listed.EnumerateObject())
            {
                dependencies[dependency.Name] = dependency.Value.GetString()!;
            }
        }

        List<(string Path, byte[] Content)> assemblies = [.. assets.EnumerateObject().Select(a => (a.Name, read(Path.GetFileName(a.Name))))];
        var needsAspNetCore = false;
        foreach (var (path, content) in assemblies)
        {
            var facts = AssemblyFacts.Read(content);
            if (facts.InformationalVersion?.StartsWith(package.Version, StringComparison.Ordinal) != true)
            {
                throw new RefusalException($"{path} in the dashboard is {facts.InformationalVersion}, not {package.Version}");
            }

            needsAspNetCore |= facts.References.Any(r => r.Name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal));
            // The dependency file leaves out what the dashboard's shared framework supplies; a library elsewhere still needs it.
            foreach (var (name, version) in facts.References.Where(r => IsExtension(r.Name)))
            {
                dependencies.TryAdd(name, version.ToString(3));
            }
        }

        var nupkg = new Nupkg(package, $"{package.Id} {package.Version}: the assembly of the official package, unmodified, for machines whose package index lacks it.")
        {
            NeedsAspNetCore = needsAspNetCore,
            Dependencies = [.. dependencies.Where(d => !needsAspNetCore || !IsExtension(d.Key)).Select(d => new PackageDependency(d.Key, d.Value))],
        };
        assemblies.ForEach(a => nupkg.Add(a.Path, a.Content));
        return nupkg;
    }

    private static bool IsExtension(string name) => name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);
}
