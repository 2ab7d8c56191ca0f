namespace Zilla.Benchmarks;

/// <summary>Something on a hot path, set up to be done again and again; timed by BenchmarkDotNet and checked for what it allocates.</summary>
/// <param name="Name">As in <c>allocations.json</c>.</param>
/// <param name="Run">Does it once; the result only keeps it from being optimised away.</param>
internal sealed record Operation(string Name, Func<long> Run)
{
    public static IReadOnlyList<Operation> All { get; } =
        [.. FrameOperations.All(), .. RecordOperations.All(), .. PathOperations.All(), .. EventOperations.All(), .. PartitionOperations.All(), .. MqttOperations.All(), .. PipeOperations.All()];

    public override string ToString() => Name;
}
