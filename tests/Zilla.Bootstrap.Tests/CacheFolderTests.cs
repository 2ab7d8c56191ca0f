namespace Zilla.Bootstrap.Tests;

public sealed class CacheFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("/own", "/caches", "/own")]
    [InlineData("", "/caches", "/caches/zilla-aspire")]
    [InlineData(null, null, "/home/someone/.cache/zilla-aspire")]
    public void Locate_Variables_FirstThatIsSetDecides(string? own, string? caches, string expected) => Assert.Equal(expected, CacheFolder.Locate(name => name switch
    {
        "ZILLA_CACHE" => own,
        "XDG_CACHE_HOME" => caches,
        _ => "/home/someone",
    }));

    [Fact]
    public async Task TakeTurn_LeftoversOfAnInterruptedRun_AreCleared()
    {
        var leftover = _folder.File("tmp/abc/half-a-file");

        using var turn = await new CacheFolder(_folder.Path).TakeTurnAsync(Report.To(TextWriter.Null), CancellationToken.None);

        Assert.False(File.Exists(leftover));
    }

    [Fact]
    public async Task TakeTurn_AnotherIsAtWork_WaitsForItAndSaysSo()
    {
        var said = new StringWriter();
        var first = await new CacheFolder(_folder.Path).TakeTurnAsync(Report.To(TextWriter.Null), CancellationToken.None);
        var second = new CacheFolder(_folder.Path).TakeTurnAsync(Report.To(said), CancellationToken.None);

        Assert.False(second.IsCompleted);
        Assert.Contains("waiting for it", said.ToString(), StringComparison.Ordinal);

        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
    }

    [Fact]
    public async Task TakeTurn_CancelledWhileWaiting_Ends()
    {
        using var stop = new CancellationTokenSource();
        using var first = await new CacheFolder(_folder.Path).TakeTurnAsync(Report.To(TextWriter.Null), CancellationToken.None);
        var second = new CacheFolder(_folder.Path).TakeTurnAsync(Report.To(TextWriter.Null), stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public void PublishFolder_BrokenOneInItsPlace_IsReplaced()
    {
        var cache = new CacheFolder(_folder.Path);
        _folder.File("aspire/1.0/dcp/half");
        var draft = cache.Scratch();
        File.WriteAllText(Path.Combine(draft, "whole"), "");

        cache.PublishFolder(draft, cache.Bundle("1.0"));

        Assert.Equal(["whole"], Directory.EnumerateFileSystemEntries(cache.Bundle("1.0")).Select(Path.GetFileName));
    }

    public void Dispose() => _folder.Dispose();
}
