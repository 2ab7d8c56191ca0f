using System.Diagnostics;
using Zilla.Load.Processes;

namespace Zilla.Load.Tests.Processes;

public class GarbageCollectionTests
{
    [Fact]
    public async Task Force_ProcessOfDotNet_HasCollectedEverything()
    {
        var before = GC.CollectionCount(GC.MaxGeneration);

        Assert.True(await GarbageCollection.ForceAsync(Environment.ProcessId));

        Assert.True(GC.CollectionCount(GC.MaxGeneration) > before);
    }

    [Fact]
    public async Task Force_AnyOtherProcess_IsNotDone()
    {
        using var other = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;

        Assert.False(await GarbageCollection.ForceAsync(other.Id));

        other.StandardInput.Close();
        await other.WaitForExitAsync();
    }
}
