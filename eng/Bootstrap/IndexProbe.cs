using System.Text.Json;
using System.Xml.Linq;

namespace Zilla.Bootstrap;

/// <summary>
/// Asks the package index which of the wanted packages it lacks, in the only way that is certain: by restoring them, into a folder of their own, from the
/// sources that the repository inherits. What comes down stays in the package manager's own download cache for the real restore.
/// </summary>
/// <param name="source">A single source to ask in place of the inherited ones.</param>
internal sealed class IndexProbe(Pins pins, CacheFolder cache, Report report, string? source = null)
{
    private static readonly HashSet<string> NotThere = new(StringComparer.Ordinal)
    {
        "NU1101", // no package of this id
        "NU1102", // not in this version
        "NU1103", // only as a prerelease
    };

    public async Task<IReadOnlyCollection<WantedPackage>> LackingAsync(CancellationToken cancellation)
    {
        var remembered = Path.Combine(cache.Probes, $"{pins.Key}.txt");
        HashSet<string> ids;
        if (File.Exists(remembered))
        {
            ids = [.. await File.ReadAllLinesAsync(remembered, cancellation)];
        }
        else
        {
            ids = await AskAsync(cancellation);
            cache.Publish(remembered, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', ids)));
        }

        WantedPackage[] lacking = [.. pins.Wanted.Where(p => ids.Contains(p.Id))];
        report.Say(lacking.Length == 0 ? "the package index has everything: no package is made" : $"the package index lacks {lacking.Length} of {pins.Wanted.Count()} packages: they are made here");
        return lacking;
    }

    private async Task<HashSet<string>> AskAsync(CancellationToken cancellation)
    {
        // Below the repository, so that its package sources are looked up as for any other project in it.
        var folder = Path.Combine(pins.Folder, "obj", $"probe-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "probe.csproj"), Project().ToString(), cancellation);
            var restore = await report.WatchAsync(
                $"asking the package index for {pins.Wanted.Count()} packages",
                Tool.RunAsync(folder, "dotnet", ["restore", "probe.csproj", "--packages", cache.Scratch(), "-v:q", "-nologo"], cancellation));
            var assets = Path.Combine(folder, "obj", "project.assets.json");
            if (!File.Exists(assets))
            {
                throw new RefusalException($"the package index cannot be asked: {restore.Tail}");
            }

            return Lacking(await File.ReadAllTextAsync(assets, cancellation));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The ids that a restore could not find, from the log it leaves in its assets file.</summary>
    /// <exception cref="RefusalException">The restore failed for another reason, so nothing can be said.</exception>
    public static HashSet<string> Lacking(string assets)
    {
        using var document = JsonDocument.Parse(assets);
        HashSet<string> ids = new(StringComparer.OrdinalIgnoreCase);
        if (!document.RootElement.TryGetProperty("logs", out var logs))
        {
            return ids;
        }

        foreach (var log in logs.EnumerateArray().Where(l => l.GetProperty("level").GetString() == "Error"))
        {
            var code = log.GetProperty("code").GetString()!;
            if (!NotThere.Contains(code) || !log.TryGetProperty("libraryId", out var id))
            {
                throw new RefusalException($"the package index cannot be asked: {code}: {log.GetProperty("message").GetString()?.ReplaceLineEndings(" ")}");
            }

            ids.Add(id.GetString()!);
        }

        return ids;
    }

    private XElement Project() => new(
        "Project",
        new XAttribute("Sdk", "Microsoft.NET.Sdk"),
        new XElement(
            "PropertyGroup",
            new XElement("TargetFramework", "net10.0"),
            new XElement("NuGetAudit", "false"),
            source is null ? null : new XElement("RestoreSources", source)),
        // Each package by itself and in exactly this version: a dependency that is lacking must not speak for the package that has it.
        new XElement("ItemGroup", pins.Wanted.Select(p => new XElement("PackageDownload", new XAttribute("Include", p.Id), new XAttribute("Version", $"[{p.Version}]")))));
}
