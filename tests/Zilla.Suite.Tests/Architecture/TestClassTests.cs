using System.Text.RegularExpressions;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Architecture;

public sealed partial class TestClassTests
{
    /// <summary>xunit 2 knows IDisposable and IAsyncLifetime; what a class frees in IAsyncDisposable alone is never freed, processes included.</summary>
    [Fact]
    public void TestClass_IsNotAsyncDisposable() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories), file => NeverFreed().IsMatch(File.ReadAllText(file)));

    [GeneratedRegex(@"class \w+Tests\b[^{]*\bIAsyncDisposable\b")]
    private static partial Regex NeverFreed();
}
