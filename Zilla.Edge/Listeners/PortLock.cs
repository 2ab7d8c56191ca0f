using System.Text;

namespace Zilla.Edge.Listeners;

/// <summary>
/// Held while a port is listened on. SO_REUSEPORT would let a second suite of the same user take half of the first one's connections; with the
/// lock it is refused instead. The kernel releases it when the process ends, however it ends.
/// </summary>
/// <remarks>
/// A file per port holds the id of the suite that owns it. Whoever can open it exclusively is the first and writes its id; then everybody
/// holds it shared and checks whose id stands there. The last one takes the file away, unless it is killed; so a file counts only while it is in its place.
/// </remarks>
internal sealed class PortLock : IDisposable
{
    private const int Attempts = 1000;
    private const int MaxSuiteLength = 4096;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly FileStream _held;

    private PortLock(FileStream held) => _held = held;

    /// <exception cref="PortUnavailableException">Another suite holds the port.</exception>
    public static async Task<PortLock> ClaimAsync(string folder, int port, string suite, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, $"{port}.lock");
        try
        {
            CreateFolder(folder);
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                WriteIfFirst(path, suite);
                if (TryShare(path) is { } held)
                {
                    var claimed = new PortLock(held);
                    return ReadSuite(held) == suite ? claimed : throw Refused(port, claimed);
                }

                // Another process is just writing its id, or taking the file away.
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not PortUnavailableException))
        {
            throw new PortUnavailableException($"Port {port}: its lock {path} cannot be used: {e.Message}", e);
        }

        throw new PortUnavailableException($"Port {port}: its lock {path} stays in exclusive use by another process");
    }

    public void Dispose()
    {
        _held.Dispose();
        try
        {
            using var last = new FileStream(_held.Name, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            if (IsInPlace(last))
            {
                File.Delete(_held.Name);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Others hold it, or there is none any more.
        }
    }

    private static PortUnavailableException Refused(int port, PortLock held)
    {
        held.Dispose();
        return new PortUnavailableException($"Port {port} is in use by another Zilla suite on this machine");
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void WriteIfFirst(string path, string suite)
    {
        try
        {
            using var first = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            first.SetLength(0);
            first.Write(Encoding.UTF8.GetBytes(suite));
        }
        catch (IOException)
        {
            // Not the first.
        }
    }

    private static FileStream? TryShare(string path)
    {
        try
        {
            var held = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (IsInPlace(held))
            {
                return held;
            }

            held.Dispose();
        }
        catch (IOException)
        {
            // Just being written, or taken away.
        }

        return null;
    }

    /// <summary>Not if it was taken away between its opening and its locking; whoever comes next would make another.</summary>
    private static bool IsInPlace(FileStream held) =>
        new FileInfo($"/proc/self/fd/{held.SafeFileHandle.DangerousGetHandle()}").LinkTarget?.EndsWith(" (deleted)", StringComparison.Ordinal) != true;

    private static string ReadSuite(FileStream held)
    {
        Span<byte> buffer = stackalloc byte[MaxSuiteLength + 1];
        return Encoding.UTF8.GetString(buffer[..held.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)]);
    }
}
