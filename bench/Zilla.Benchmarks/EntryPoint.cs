using BenchmarkDotNet.Running;

namespace Zilla.Benchmarks;

internal static class EntryPoint
{
    /// <summary><c>--check</c>: compares what each operation allocates with its budget. Anything else goes to BenchmarkDotNet; try <c>--filter '*'</c>.</summary>
    private static int Main(string[] args)
    {
        if (args is ["--check"])
        {
            return AllocationCheck.Run(Console.Out);
        }

        BenchmarkSwitcher.FromAssembly(typeof(EntryPoint).Assembly).Run(args);
        return 0;
    }
}
