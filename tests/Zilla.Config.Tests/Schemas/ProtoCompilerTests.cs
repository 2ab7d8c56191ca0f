using Zilla.Config.Schemas;

namespace Zilla.Config.Tests.Schemas;

/// <summary>The compiler as a process, of which several may be started at once.</summary>
public class ProtoCompilerTests
{
    private const int Threads = 8;
    private const int Each = 10;

    /// <summary>Each runs a copy of the compiler where only its owner may run it: while one writes its copy, others are being started.</summary>
    [Fact]
    public async Task Compile_ManyAtOnce_AllAreCompiled()
    {
        var threads = Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(CompileAll, TaskCreationOptions.LongRunning));

        Assert.All((await Task.WhenAll(threads)).SelectMany(all => all), Assert.Empty);
    }

    private static List<IReadOnlyList<ProtoError>> CompileAll() =>
        [.. Enumerable.Range(0, Each).Select(_ => ProtoCompiler.Compile([new("echo.proto", "syntax = \"proto3\"; message Echo { string text = 1; }", null)]).Errors)];
}
