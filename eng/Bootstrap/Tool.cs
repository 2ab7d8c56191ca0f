using System.Diagnostics;

namespace Zilla.Bootstrap;

/// <summary>Runs a program to its end, line by line; ends it and its children when cancelled.</summary>
internal static class Tool
{
    public sealed record Result(int ExitCode, IReadOnlyList<string> Lines)
    {
        /// <summary>The last lines, which most programs keep for the reason.</summary>
        public string Tail => string.Join(" | ", Lines.Where(l => l.Trim().Length > 0).TakeLast(5));
    }

    /// <summary>The folders in which programs are looked for.</summary>
    public static string SearchPath => Environment.GetEnvironmentVariable("PATH") ?? "";

    /// <summary>Where a program lies, or null where <paramref name="searchPath"/> does not have it.</summary>
    public static string? Find(string program, string searchPath) =>
        searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    public static async Task<Result> RunAsync(
        string folder, string program, IEnumerable<string> arguments, CancellationToken cancellation, Action<string>? onLine = null, string? input = null)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        List<string> lines = [];
        void Keep(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (lines)
            {
                lines.Add(line);
            }

            onLine?.Invoke(line);
        }

        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellation);
            // Ctrl-C reaches the program as well as us: then it did not fail, it was stopped.
            if (process.ExitCode != 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        return new(process.ExitCode, lines);
    }
}
