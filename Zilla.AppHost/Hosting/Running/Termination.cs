using System.Runtime.InteropServices;

namespace Zilla.AppHost.Hosting.Running;

/// <summary>Everything that ends the suite from outside: signals, and the death of the <c>dotnet run</c> that started us.</summary>
internal sealed class Termination : IDisposable
{
    private const int Interrupt = 2;
    private const nint DefaultHandler = 0;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _requested = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly ITimer? _parentWatch;

    public Termination(TimeProvider time)
    {
        if (!OperatingSystem.IsWindows())
        {
            // A script's background job is born with SIGINT ignored, and the runtime would leave it so: Ctrl+C would end the script, not us.
            _ = SetHandler(Interrupt, DefaultHandler);
        }

        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }

        // `kill -9` of `dotnet run` reaches only that; nobody would stop us then.
        if (!OperatingSystem.IsWindows() && IsDotnet(ParentId()))
        {
            var parent = ParentId();
            _parentWatch = time.CreateTimer(_ => EndIfOrphaned(parent), null, Poll, Poll);
        }
    }

    public CancellationToken Requested => _requested.Token;

    public void Dispose()
    {
        _parentWatch?.Dispose();
        _signals.ForEach(s => s.Dispose());
        _requested.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The first asks; a second one, from somebody who will not wait, takes its default course.
        context.Cancel = !_requested.IsCancellationRequested;
        _requested.Cancel();
    }

    private void EndIfOrphaned(int parent)
    {
        if (ParentId() != parent)
        {
            _requested.Cancel();
        }
    }

    private static bool IsDotnet(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").Trim() == "dotnet";
        }
        catch (IOException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "signal")]
    private static extern nint SetHandler(int signal, nint handler);

    [DllImport("libc", EntryPoint = "getppid")]
    private static extern int ParentId();
}
