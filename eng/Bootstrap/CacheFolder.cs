namespace Zilla.Bootstrap;

/// <summary>
/// The per-user folder that all clones share: <c>$ZILLA_CACHE</c>, else <c>$XDG_CACHE_HOME/zilla-aspire</c>, else <c>~/.cache/zilla-aspire</c>
/// (<c>Directory.Build.props</c> has the same rule). What stands in it under its final name is whole: everything is made in <see cref="Scratch"/> and renamed.
/// </summary>
internal sealed class CacheFolder(string root)
{
    public string Root { get; } = root;

    /// <summary>A folder source for the package manager: ordinary <c>.nupkg</c> files.</summary>
    public string Feed { get; } = Path.Combine(root, "feed");

    /// <summary>Verified npm tarballs that are still needed.</summary>
    public string Npm { get; } = Path.Combine(root, "npm");

    /// <summary>Native libraries compiled here.</summary>
    public string Native { get; } = Path.Combine(root, "native");

    /// <summary>What earlier runs learned about the package index.</summary>
    public string Probes { get; } = Path.Combine(root, "probes");

    private string Temporary => Path.Combine(Root, "tmp");

    public static CacheFolder OfThisUser() => new(Path.GetFullPath(Locate(Environment.GetEnvironmentVariable)));

    public static string Locate(Func<string, string?> variable) =>
        variable("ZILLA_CACHE") is { Length: > 0 } own ? own
        : variable("XDG_CACHE_HOME") is { Length: > 0 } caches ? $"{caches}/zilla-aspire"
        : $"{variable("HOME")}/.cache/zilla-aspire";

    /// <summary>Orchestrator and dashboard: <c>dcp/dcp</c> and <c>managed/aspire-managed</c> below it.</summary>
    public string Bundle(string version) => Path.Combine(Root, "aspire", version);

    /// <summary>The file that tells the build that nothing is left to do.</summary>
    public string Marker(string key) => Path.Combine(Feed, $"{key}.ready");

    /// <summary>Waits until no other process works in this folder, then clears what an interrupted one left behind. Ends with the process, however that ends.</summary>
    public async Task<IDisposable> TakeTurnAsync(Report report, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Root);
        var turn = TryLock();
        if (turn is null)
        {
            report.Say($"another build prepares {Root}: waiting for it");
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
            while (turn is null)
            {
                await tick.WaitForNextTickAsync(cancellation);
                turn = TryLock();
            }
        }

        var mine = new Turn(this, turn);
        mine.Clear();
        Directory.CreateDirectory(Feed);
        return mine;
    }

    /// <summary>A new empty folder on the same file system as its final place.</summary>
    public string Scratch() => Directory.CreateDirectory(Path.Combine(Temporary, Path.GetRandomFileName())).FullName;

    /// <summary>Writes a file so that it is seen whole or not at all.</summary>
    public void Publish(string path, ReadOnlySpan<byte> content)
    {
        var draft = Path.Combine(Scratch(), Path.GetFileName(path));
        File.WriteAllBytes(draft, content);
        PublishFile(draft, path);
    }

    public static void PublishFile(string draft, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Puts a finished folder in its place; a broken one that stands there is moved out of the way first.</summary>
    public void PublishFolder(string draft, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (Directory.Exists(path))
        {
            Directory.Move(path, Path.Combine(Scratch(), "replaced"));
        }

        Directory.Move(draft, path);
    }

    private FileStream? TryLock()
    {
        try
        {
            return new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (Directory.Exists(Root))
        {
            return null;
        }
    }

    private sealed class Turn(CacheFolder cache, FileStream held) : IDisposable
    {
        public void Clear()
        {
            if (Directory.Exists(cache.Temporary))
            {
                Directory.Delete(cache.Temporary, recursive: true);
            }
        }

        public void Dispose()
        {
            Clear();
            held.Dispose();
        }
    }
}
