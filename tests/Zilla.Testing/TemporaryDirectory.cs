using System.Diagnostics;

namespace Zilla.Testing;

/// <summary>
/// The temporary directory of a test process and, by <c>TMPDIR</c>, of all that it starts: one of its own. What a test that fails or a process that is killed leaves there goes
/// with it, and so does every process that still runs in it. After a test process that was itself killed, the next one sees to both.
/// </summary>
/// <remarks>
/// Below the usual temporary directory:
/// <code>
///   zilla-tests-user/
///     4711-c0ffee.lock    held as long as the test process lives
///     4711-c0ffee/        TMPDIR
/// </code>
/// </remarks>
public static class TemporaryDirectory
{
    private const string Variable = "TMPDIR";
    private const string Lock = ".lock";

    private static readonly string Root = Path.Combine(Path.GetTempPath(), $"zilla-tests-{Environment.UserName}");
    private static readonly Lazy<FileStream> Held = new(Begin);

    /// <summary>From now on; done for each test assembly before anything else in it (<c>tests/OwnTemporaryDirectory.cs</c>).</summary>
    public static void Use() => _ = Held.Value;

    private static FileStream Begin()
    {
        Directory.CreateDirectory(Root);
        foreach (var left in Directory.GetFiles(Root, "*" + Lock))
        {
            using var held = TryHold(left, FileMode.Open);
            Remove(held);
        }

        FileStream? own;
        while ((own = TryHold(Path.Combine(Root, $"{Environment.ProcessId}-{Random.Shared.Next():x}{Lock}"), FileMode.CreateNew)) is null)
        {
            // Another has taken it for one that was left, just after it was made.
        }

        Environment.SetEnvironmentVariable(Variable, Directory.CreateDirectory(Folder(own)).FullName);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(own);
        return own;
    }

    private static string Folder(FileStream held) => held.Name[..^Lock.Length];

    /// <summary>Null: its process lives, or it is gone.</summary>
    private static FileStream? TryHold(string path, FileMode mode)
    {
        try
        {
            var held = new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None);
            if (File.Exists(path))
            {
                return held;
            }

            held.Dispose();
        }
        catch (IOException)
        {
            // Held by another.
        }

        return null;
    }

    /// <summary>What cannot be removed now is found by the next test process.</summary>
    private static void Remove(FileStream? held)
    {
        if (held is null)
        {
            return;
        }

        try
        {
            End(Folder(held));
            Directory.Delete(Folder(held), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Its process did not get as far.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }

        File.Delete(held.Name);
    }

    /// <summary>Ends whatever was started with this temporary directory.</summary>
    private static void End(string folder)
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    if (File.ReadAllText($"/proc/{process.Id}/environ").Split('\0').Contains($"{Variable}={folder}"))
                    {
                        process.Kill();
                        process.WaitForExit(TimeSpan.FromSeconds(5));
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It has ended meanwhile, is another user's, or this system does not tell.
                }
            }
        }
    }
}
