namespace Zilla.Bootstrap;

/// <summary>
/// Orchestrator (<c>dcp/</c>) and dashboard (<c>managed/</c>) of the official Aspire CLI package. The CLI is not run: its program file embeds the
/// two as a gzip-compressed tar, below one folder named for the platform.
/// </summary>
internal sealed class AspireBundle(NpmPackage cli, CacheFolder cache, Report report)
{
    private string Folder { get; } = cache.Bundle(cli.Version);

    /// <summary>The dashboard: a single-file app that holds the assemblies of many packages.</summary>
    public string Dashboard => Path.Combine(Folder, "managed", "aspire-managed");

    private string Orchestrator => Path.Combine(Folder, "dcp", "dcp");

    public bool Exists => File.Exists(Dashboard) && File.Exists(Orchestrator);

    public async Task EnsureAsync(CancellationToken cancellation)
    {
        var tarball = new NpmTarball(cli, cache, report);
        if (Exists)
        {
            tarball.Discard();
            return;
        }

        var path = await tarball.EnsureAsync("orchestrator and dashboard, 127 MB", cancellation);
        var draft = await report.WatchAsync("unpacking orchestrator and dashboard", Task.Run(() => Unpack(path, cancellation), cancellation));
        cache.PublishFolder(draft, Folder);
        tarball.Discard();
        if (!Exists)
        {
            throw new RefusalException($"{cli.Name} {cli.Version} holds no orchestrator or no dashboard");
        }
    }

    private string Unpack(string tarball, CancellationToken cancellation)
    {
        var folder = cache.Scratch();
        using (var stream = File.OpenRead(tarball))
        {
            Tarball.Unpack(stream, folder, name => name == "package/bin/aspire" ? "aspire" : null, cancellation);
        }

        var draft = cache.Scratch();
        using var program = File.OpenRead(Path.Combine(folder, "aspire"));
        program.Position = EmbeddedArchive.Find(program);
        Tarball.Unpack(program, draft, BelowFirstFolder, cancellation);
        return draft;
    }

    private static string BelowFirstFolder(string name) => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
