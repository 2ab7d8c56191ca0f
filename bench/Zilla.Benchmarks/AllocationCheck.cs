using System.Text.Json;

namespace Zilla.Benchmarks;

/// <summary>
/// Compares what each operation allocates with <c>allocations.json</c>: bytes per operation, on the thread that runs it. Allocations do not
/// depend on how busy the machine is, so this can fail a build where a time could not.
/// </summary>
internal static class AllocationCheck
{
    private const int WarmUp = 20, Repeats = 50;

    /// <summary>0 when all is within the budget, else 1.</summary>
    public static int Run(TextWriter output)
    {
        var budgets = JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "allocations.json")))!;
        var failures = budgets.Keys.Except(Operation.All.Select(o => o.Name)).Count();
        foreach (var operation in Operation.All)
        {
            var allocated = Measure(operation);
            var (verdict, isFailure) = budgets.TryGetValue(operation.Name, out var budget)
                ? allocated > budget ? ("TOO MUCH", true) : allocated < budget * 0.8 ? ("ok; the budget can be lowered", false) : ("ok", false)
                : ("NO BUDGET", true);
            failures += isFailure ? 1 : 0;
            output.WriteLine($"{operation.Name,-40} {allocated,12:#,0} of {budget,12:#,0} B  {verdict}");
        }

        foreach (var (topic, compacted) in new[] { ("", false), (", compacted topic", true) })
        {
            var overhead = PartitionOperations.Overhead(compacted);
            failures += overhead <= PartitionOperations.MostOverhead ? 0 : 1;
            output.WriteLine($"{"memory held / bytes of records" + topic,-48} {overhead,4:0.00} of {PartitionOperations.MostOverhead,12:0.00}    {(overhead <= PartitionOperations.MostOverhead ? "ok" : "TOO MUCH")}");
        }

        output.WriteLine(failures == 0 ? "All operations are within their budgets." : $"{failures} are not within their budgets, have none, or have one and do not exist.");
        return failures == 0 ? 0 : 1;
    }

    /// <summary>Bytes per run, rounded down: what happens once in many runs is not the operation's.</summary>
    private static long Measure(Operation operation)
    {
        for (var i = 0; i < WarmUp; i++)
        {
            operation.Run();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Repeats; i++)
        {
            operation.Run();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Repeats;
    }
}
