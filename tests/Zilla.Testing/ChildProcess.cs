using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Zilla.Testing;

/// <summary>A process that a test starts and, whatever happens, ends. Its output is kept for assertions and for the failure message.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;
    public int ExitCode => _process.ExitCode;
    public IReadOnlyCollection<string> Lines => _lines;
    public string Output => string.Join('\n', _lines);

    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var child = new ChildProcess(process);
        process.OutputDataReceived += (_, e) => child.Add(e.Data);
        process.ErrorDataReceived += (_, e) => child.Add(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end and gives its output; fails with that output when it exits with anything but 0.</summary>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, TimeSpan? within = null)
    {
        await using var child = Start(program, arguments, environment, folder);
        if (input is not null)
        {
            await child._process.StandardInput.WriteAsync(input);
        }

        child._process.StandardInput.Close();
        var code = await child.WaitForExitAsync(within ?? TimeSpan.FromMinutes(1));
        return code == 0 ? child.Output : throw new InvalidOperationException($"{program} exited with {code}:\n{child.Output}");
    }

    /// <summary>Waits until a line of output contains <paramref name="text"/> and returns that line.</summary>
    public async Task<string> WaitForLineAsync(string text, TimeSpan? within = null)
    {
        try
        {
            await Eventually.HoldsAsync(() => Line(text) is not null || HasExited, within);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No line with '{text}' came in time:\n{Output}");
        }

        if (Line(text) is null)
        {
            // What it has said last may still be on its way.
            await WaitForExitAsync(Patience);
        }

        return Line(text) ?? throw new InvalidOperationException($"Exited with {ExitCode} without printing '{text}':\n{Output}");
    }

    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Process {Id} {(HasExited ? "has exited, but its output not ended," : $"did not exit, {State()},")} within {within.TotalSeconds} s:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Sends a POSIX signal (2 = SIGINT, 9 = SIGKILL, 15 = SIGTERM), unless it has exited: its id may be another's by then.</summary>
    public void Signal(int signal) => _ = HasExited ? 0 : Kill(Id, signal);

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            _process.Kill(entireProcessTree: true);
            try
            {
                await WaitForExitAsync(Patience);
            }
            catch (TimeoutException) when (HasExited)
            {
                // What holds its output open is not below it, and goes with the temporary directory.
            }
        }

        _process.Dispose();
    }

    /// <summary>What the kernel says of it, where it says so.</summary>
    private string State()
    {
        try
        {
            return string.Join(", ", File.ReadLines($"/proc/{Id}/status").Where(line => line.StartsWith("State:", StringComparison.Ordinal) || line.StartsWith("Threads:", StringComparison.Ordinal)));
        }
        catch (IOException)
        {
            return "of which nothing is known";
        }
    }

    private string? Line(string text) => _lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));

    private void Add(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
