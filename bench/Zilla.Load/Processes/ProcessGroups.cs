using System.Globalization;

namespace Zilla.Load.Processes;

/// <summary>Processes under the names of <c>--cpu name=pid,pid</c>, and this one as <c>driver</c>.</summary>
internal sealed class ProcessGroups
{
    private readonly List<(string Name, int[] Ids)> _groups = [("driver", [Environment.ProcessId])];

    public ProcessGroups(Arguments arguments)
    {
        foreach (var group in arguments.All("cpu"))
        {
            var (name, ids) = group.Split('=') is [var n, var i] ? (n, i) : throw new FormatException($"--cpu takes name=pid,pid, not '{group}'.");
            _groups.Add((name, [.. ids.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))]));
        }
    }

    /// <summary>CPU seconds of each group up to now.</summary>
    public IReadOnlyList<(string Name, double Seconds)> Cpu() => [.. _groups.Select(g => (g.Name, g.Ids.Sum(ProcessFiles.CpuSeconds)))];

    /// <summary>Open files and sockets of all groups but this process.</summary>
    public int OpenFiles() => _groups.Where(g => g.Name != "driver").Sum(g => g.Ids.Sum(ProcessFiles.OpenFiles));

    /// <summary>Resident bytes of each group but this process, and the broker, which stands in for Kafka.</summary>
    public IReadOnlyList<(string Name, double Bytes)> Resident() =>
        [.. _groups.Where(IsWatched).Select(g => (g.Name, (double)g.Ids.Sum(ProcessFiles.ResidentBytes)))];

    /// <summary>Has those of <see cref="Resident"/> that are .NET's collect their garbage.</summary>
    public Task CollectAsync() => Task.WhenAll(_groups.Where(IsWatched).SelectMany(g => g.Ids).Select(GarbageCollection.ForceAsync));

    /// <summary>Of all of them together.</summary>
    public double ResidentBytes() => Resident().Sum(g => g.Bytes);

    private static bool IsWatched((string Name, int[] Ids) group) => group.Name is not ("driver" or "broker");
}
