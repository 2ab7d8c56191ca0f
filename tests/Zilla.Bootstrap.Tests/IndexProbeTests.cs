namespace Zilla.Bootstrap.Tests;

public sealed class IndexProbeTests : IDisposable
{
    private static readonly WantedPackage First = new("Zilla.Probe.First", "1.0.0", "MIT");
    private static readonly WantedPackage Second = new("Zilla.Probe.Second", "2.0.0", "MIT");
    private static readonly WantedPackage Native = new("Zilla.Probe.Native", "3.0.0", "MIT");

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _source = new();
    private readonly CacheFolder _cache;
    private readonly Pins _pins;

    public IndexProbeTests()
    {
        _cache = new(_folder.Path);
        _pins = new("key", Path.Combine(_folder.Path, "project"), new("cli", "1.0.0", ""), new("sources", "1.0.0", ""), Native, [First, Second]);
    }

    [Fact]
    public async Task Lacking_SourceHasAll_NothingIsLacking()
    {
        Offer(First, Second, Native);

        Assert.Empty(await Probe().LackingAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Lacking_SourceHasOneAndAnotherVersionOfTheNext_TheRestIsLacking()
    {
        Offer(First, Second with { Version = "2.5.0" });

        Assert.Equal([Second, Native], await Probe().LackingAsync(CancellationToken.None));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_pins.Folder, "obj")));
    }

    [Fact]
    public async Task Lacking_AskedBefore_IsRemembered()
    {
        _folder.File("probes/key.txt", First.Id);

        Assert.Equal([First], await Probe().LackingAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Lacking_SourceCannotBeReached_IsRefusedAndNotRemembered()
    {
        var probe = new IndexProbe(_pins, _cache, Report.To(TextWriter.Null), Path.Combine(_source.Path, "nowhere"));

        var refusal = await Assert.ThrowsAsync<RefusalException>(() => probe.LackingAsync(CancellationToken.None));

        Assert.StartsWith("the package index cannot be asked", Assert.Single(refusal.Lines), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_cache.Probes));
    }

    [Fact]
    public async Task Prepare_SourceHasAll_NoPackageIsMadeAndTheMarkerStands()
    {
        Offer(First, Second, Native);
        var bundle = _cache.Bundle("1.0.0");
        _folder.File(Path.Combine(bundle, "dcp/dcp"));
        _folder.File(Path.Combine(bundle, "managed/aspire-managed"));

        Directory.CreateDirectory(_cache.Feed);
        await new Preparation(_pins, _cache, Report.To(TextWriter.Null), _source.Path).RunAsync(CancellationToken.None);

        Assert.Equal([Zstd.Installed ? "key-zstd.ready" : "key.ready"], Directory.EnumerateFileSystemEntries(_cache.Feed).Select(Path.GetFileName));
    }

    [Fact]
    public void Lacking_LogOfARestore_GivesTheIdsThatWereNotFound() => Assert.Equal(["A", "B", "C"], IndexProbe.Lacking(
        """
        { "logs": [
          { "code": "NU1101", "level": "Error", "message": "no such id", "libraryId": "A" },
          { "code": "NU1102", "level": "Error", "message": "no such version", "libraryId": "B" },
          { "code": "NU1103", "level": "Error", "message": "prereleases only", "libraryId": "C" },
          { "code": "NU1603", "level": "Warning", "message": "another version", "libraryId": "D" } ] }
        """).Order(StringComparer.Ordinal));

    [Fact]
    public void Lacking_NoLog_NothingIsLacking() => Assert.Empty(IndexProbe.Lacking("""{ "version": 3 }"""));

    [Fact]
    public void Lacking_AnotherError_IsRefused()
    {
        var refusal = Assert.Throws<RefusalException>(() => IndexProbe.Lacking("""{ "logs": [{ "code": "NU1301", "level": "Error", "message": "Unable to load\n the service index" }] }"""));

        Assert.Equal("the package index cannot be asked: NU1301: Unable to load  the service index", Assert.Single(refusal.Lines));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _source.Dispose();
    }

    private IndexProbe Probe() => new(_pins, _cache, Report.To(TextWriter.Null), _source.Path);

    private void Offer(params IEnumerable<WantedPackage> packages)
    {
        foreach (var package in packages)
        {
            var nupkg = new Nupkg(package, "for a test");
            nupkg.Add("lib/net10.0/_._.txt", []);
            File.WriteAllBytes(Path.Combine(_source.Path, nupkg.FileName), nupkg.ToBytes());
        }
    }
}
