namespace Zilla.Testing;

/// <summary>Runs the scripts of <c>tests/clients</c>: client libraries from npm that nobody here wrote, at the versions its package.json pins.</summary>
public static class NodeClients
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "clients");
    private static readonly Lazy<Task> Installed = new(InstallAsync);

    /// <summary>Starts <c>node script arguments…</c>; the packages are installed first, once.</summary>
    public static Task<ChildProcess> StartAsync(string script, params string[] arguments) => StartAsync(script, new Dictionary<string, string?>(), arguments);

    /// <inheritdoc cref="StartAsync(string, string[])"/>
    /// <param name="script">Its file.</param>
    /// <param name="environment">On top of the test's own.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<ChildProcess> StartAsync(string script, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        await Installed.Value;
        return ChildProcess.Start("node", [script, .. arguments], environment, Folder);
    }

    /// <summary>Runs a script to its end and gives its output; fails with that output when it exits with anything but 0.</summary>
    public static Task<string> RunAsync(string script, params string[] arguments) => RunAsync(script, new Dictionary<string, string?>(), arguments);

    /// <inheritdoc cref="RunAsync(string, string[])"/>
    /// <param name="script">Its file.</param>
    /// <param name="environment">On top of the test's own.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<string> RunAsync(string script, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        await Installed.Value;
        return await ChildProcess.RunAsync("node", [script, .. arguments], environment: environment, folder: Folder);
    }

    /// <summary>Test assemblies run side by side: the one that holds the lock installs, the others find it done.</summary>
    private static async Task InstallAsync()
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(Folder, "package.json"));
        var stamp = Path.Combine(Folder, "node_modules", ".installed");
        await Eventually.HoldsAsync(async () =>
        {
            if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
            {
                return true;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(stamp)!);
            try
            {
                await using var held = new FileStream(stamp + ".lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
                await ChildProcess.RunAsync("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"], folder: Folder, within: TimeSpan.FromMinutes(3));
                await File.WriteAllTextAsync(stamp, wanted);
                return true;
            }
            catch (IOException)
            {
                return false; // another holds the lock
            }
        }, TimeSpan.FromMinutes(5), "the packages of tests/clients are installed");
    }
}
