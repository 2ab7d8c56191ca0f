using Zilla.KafkaCache.Cache.Spill;

namespace Zilla.KafkaCache.Cache;

/// <summary>The memory and the disk of the process's cache, as its settings say.</summary>
internal sealed class CacheStorage : IDisposable
{
    // A spilled record still needs some memory: with more disk than this there would be little of it left for what is read most.
    private const int UsualDiskPerMemory = 4;

    public CacheStorage(CacheOptions options, IConfiguration configuration, TimeProvider time, ILogger<CacheStorage> logger)
    {
        var memory = options.EffectiveMemoryBudget;
        var spill = options.DiskBudget != 0 && configuration["Zilla:StateDirectory"] is { Length: > 0 } state
            ? SpillFolder.Open(Path.Combine(state, "spill"), options.DiskBudget, memory * UsualDiskPerMemory, time, logger)
            : null;
        Budget = new(memory, spill);
    }

    public MemoryBudget Budget { get; }

    public void Dispose() => Budget.Spill?.Dispose();
}
