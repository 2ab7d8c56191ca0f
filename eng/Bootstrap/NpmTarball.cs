using System.Security.Cryptography;

namespace Zilla.Bootstrap;

/// <summary>A package's tarball, fetched by the ordinary npm client and held to its pinned content. What an interrupted run left is fetched anew.</summary>
/// <param name="pack">How npm is asked; <see cref="Npm.PackAsync"/> unless a test says otherwise.</param>
internal sealed class NpmTarball(NpmPackage package, CacheFolder cache, Report report, NpmPack? pack = null)
{
    private readonly NpmPack _pack = pack ?? Npm.PackAsync;

    private string Path { get; } = System.IO.Path.Combine(cache.Npm, $"{package.Name.Replace("@", "", StringComparison.Ordinal).Replace('/', '-')}-{package.Version}.tgz");

    /// <summary>Gives the path of a verified tarball.</summary>
    public async Task<string> EnsureAsync(string what, CancellationToken cancellation)
    {
        if (File.Exists(Path) && await HashAsync(Path, cancellation) == package.Sha512)
        {
            return Path;
        }

        var folder = cache.Scratch();
        var spec = $"{package.Name}@{package.Version}";
        var npm = await report.WatchAsync(
            $"fetching {what} (npm package {spec})",
            _pack(spec, folder, cancellation));
        var file = Directory.GetFiles(folder, "*.tgz").SingleOrDefault();
        if (npm.ExitCode != 0 || file is null)
        {
            throw new RefusalException($"npm could not fetch {spec}: {npm.Tail}");
        }

        var hash = await HashAsync(file, cancellation);
        if (hash != package.Sha512)
        {
            throw new RefusalException($"the tarball of {spec} is not the pinned one (SHA-512 {hash})");
        }

        CacheFolder.PublishFile(file, Path);
        return Path;
    }

    /// <summary>Removes the tarball once everything in it stands elsewhere.</summary>
    public void Discard()
    {
        if (File.Exists(Path))
        {
            File.Delete(Path);
        }
    }

    private static async Task<string> HashAsync(string file, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA512.HashDataAsync(stream, cancellation));
    }
}
