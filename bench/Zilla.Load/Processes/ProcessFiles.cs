using System.Globalization;

namespace Zilla.Load.Processes;

/// <summary>What <c>/proc</c> tells about a process (proc(5)).</summary>
internal static class ProcessFiles
{
    // USER_HZ, which is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>User and system CPU seconds of all its threads.</summary>
    public static double CpuSeconds(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");

        // The second field is the name in parentheses and may hold blanks; utime and stime are fields 14 and 15.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>Resident memory in bytes.</summary>
    public static long ResidentBytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return Number(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024;
    }

    /// <summary>Files, sockets and whatever else it has open.</summary>
    public static int OpenFiles(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
