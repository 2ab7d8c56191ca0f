using System.Diagnostics;

namespace Zilla.ServiceDefaults;

/// <summary>
/// Ties the life of this process to that of the one which started it: the parent holds the writing end of a pipe that is our standard input, and
/// the kernel closes it when the parent dies, however it dies. No process id to watch, none to be reused, nothing to poll.
/// </summary>
/// <remarks>Used only where no orchestrator watches over the processes, and only when <see cref="Variable"/> is <c>1</c>.</remarks>
internal sealed class StandardInputLease
{
    public const string Variable = "ZILLA_EXIT_WITH_STDIN";

    private readonly CancellationTokenSource _ended = new();

    private StandardInputLease()
    {
    }

    /// <summary>Cancelled when the parent has gone.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Starts at once, so that a service which hangs while it starts ends too.</summary>
    public static StandardInputLease Start()
    {
        var lease = new StandardInputLease();
        new Thread(lease.Wait) { IsBackground = true, Name = "standard input lease" }.Start();
        return lease;
    }

    private void Wait()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[64];
        try
        {
            while (input.Read(ignored) > 0)
            {
            }
        }
        catch (IOException)
        {
            // As good as closed.
        }

        using var graceful = new Timer(static _ => Process.GetCurrentProcess().Kill(), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        _ended.Cancel();
        Thread.Sleep(Timeout.Infinite); // keeps the timer alive until the process is gone
    }
}
