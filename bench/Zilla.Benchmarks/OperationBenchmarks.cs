using BenchmarkDotNet.Attributes;

namespace Zilla.Benchmarks;

[MemoryDiagnoser]
public class OperationBenchmarks
{
    private Func<long> _run = () => 0;

    [ParamsSource(nameof(Names))]
    public string Operation { get; set; } = "";

    public static IEnumerable<string> Names => Benchmarks.Operation.All.Select(o => o.Name);

    [GlobalSetup]
    public void Setup() => _run = Benchmarks.Operation.All.First(o => o.Name == Operation).Run;

    [Benchmark]
    public long Run() => _run();
}
