using Zilla.Testing;

namespace Zilla.AppHost.Tests.Processes;

/// <summary>
/// The real AppHost with the real services, in a state folder and on ports of its own. Every process it starts, however indirectly, inherits an
/// environment variable that no other process has.
/// </summary>
internal sealed class RunningSuite : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private readonly string _marker = $"ZILLA_TEST_MARKER={Guid.NewGuid():N}";
    private readonly string _folder = Directory.CreateTempSubdirectory("zilla-suite-").FullName;

    private RunningSuite(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        var variables = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>())
        {
            ["ZILLA_TEST_MARKER"] = _marker.Split('=')[1],
            ["ZILLA_STATE"] = Path.Combine(_folder, "state"),
            ["ZILLA_CONFIG"] = QuickstartCopy.Write(_folder, FreePort.Next()),
        };
        Process = ChildProcess.Start(program, arguments, variables, _folder);
    }

    public ChildProcess Process { get; }

    /// <summary>Starts the AppHost and waits until it says that everything is up.</summary>
    public static Task<RunningSuite> StartAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        StartAsync(Repository.Service("Zilla.AppHost"), arguments, environment);

    public static async Task<RunningSuite> StartAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        var suite = new RunningSuite(program, arguments, environment);
        try
        {
            await suite.Process.WaitForLineAsync("Everything is up", StartTimeout);
            return suite;
        }
        catch (Exception failed)
        {
            var output = suite.Process.Output;
            await suite.DisposeAsync();
            throw new InvalidOperationException($"The suite did not come up:\n{output}", failed);
        }
    }

    /// <summary>Every process of the suite that runs: its id and command line.</summary>
    public IReadOnlyDictionary<int, string> Processes()
    {
        var found = new Dictionary<int, string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Contains(_marker))
                {
                    found[int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture)] =
                        File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // Ended in between, or none of ours.
            }
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        // Asked first: what an orchestrator started is not below the process that this would kill.
        Process.Signal(15);
        await Eventually.HoldsAsync(() => Process.HasExited && Processes().Count == 0, TimeSpan.FromSeconds(30), "no process of the suite is left");
        await Process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
