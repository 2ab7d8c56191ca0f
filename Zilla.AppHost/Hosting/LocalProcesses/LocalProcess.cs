using System.Diagnostics;
using System.Runtime.InteropServices;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.LocalProcesses;

/// <summary>
/// A child process. Its standard input is a pipe whose other end is ours and which says nothing: when we are gone, however it happened, the kernel
/// closes it, and the child ends itself (see StandardInputLease in Zilla.ServiceDefaults).
/// </summary>
internal sealed class LocalProcess : IDisposable
{
    private const int Terminate = 15;

    private readonly Process _process;

    private LocalProcess(Process process) => _process = process;

    public LogBuffer Log { get; } = new();

    public int Id => _process.Id;

    /// <summary>Completes with the exit code when the process is over and all its output read.</summary>
    public Task<int> Exit { get; private set; } = Task.FromResult(0);

    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static LocalProcess Start(ResourceInstance instance, TimeProvider time)
    {
        var start = new ProcessStartInfo(instance.Program, instance.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(instance.Program),
        };
        foreach (var variable in instance.Environment)
        {
            start.Environment[variable.Name] = variable.Value;
        }

        start.Environment["ZILLA_EXIT_WITH_STDIN"] = "1";
        var local = new LocalProcess(new Process { StartInfo = start });
        local._process.OutputDataReceived += (_, e) => local.Add(e.Data, isError: false, time);
        local._process.ErrorDataReceived += (_, e) => local.Add(e.Data, isError: true, time);
        local._process.Start();
        local._process.BeginOutputReadLine();
        local._process.BeginErrorReadLine();
        local.Exit = local.WaitAsync();
        return local;
    }

    public void Stop()
    {
        if (OperatingSystem.IsWindows())
        {
            _process.StandardInput.Close();
        }
        else
        {
            _ = SendSignal(_process.Id, Terminate);
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Over already.
        }
    }

    public void Dispose() => _process.Dispose();

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        Log.Complete();
        return _process.ExitCode;
    }

    private void Add(string? text, bool isError, TimeProvider time)
    {
        if (text is not null)
        {
            Log.Add(new LogLine($"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {text}", isError));
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int process, int signal);
}
