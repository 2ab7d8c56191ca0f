using System.Security.Cryptography;
using System.Text;

namespace Zilla.Bootstrap.Tests;

public sealed class NpmTarballTests : IDisposable
{
    private const string Content = "the pinned tarball";
    private static readonly NpmPackage Package = new("@scope/some-package", "1.2.3", Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(Content))));

    private readonly TemporaryFolder _folder = new();
    private readonly CacheFolder _cache;
    private int _fetched;

    public NpmTarballTests() => _cache = new(_folder.Path);

    private string Kept => Path.Combine(_cache.Npm, "scope-some-package-1.2.3.tgz");

    [Fact]
    public async Task Ensure_NothingThere_FetchesOnce()
    {
        Assert.Equal(Content, await File.ReadAllTextAsync(await Tarball(Content).EnsureAsync("it", CancellationToken.None)));
        await Tarball(Content).EnsureAsync("it", CancellationToken.None);

        Assert.Equal(1, _fetched);
    }

    [Fact]
    public async Task Ensure_PartialFileThere_ReplacesIt()
    {
        _folder.File("npm/scope-some-package-1.2.3.tgz", Content[..5]);

        Assert.Equal(Content, await File.ReadAllTextAsync(await Tarball(Content).EnsureAsync("it", CancellationToken.None)));
        Assert.Equal(1, _fetched);
    }

    [Fact]
    public async Task Ensure_OtherContent_IsRefusedAndNotKept()
    {
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => Tarball("something else").EnsureAsync("it", CancellationToken.None));

        Assert.Contains("is not the pinned one", Assert.Single(refusal.Lines), StringComparison.Ordinal);
        Assert.False(File.Exists(Kept));
    }

    [Fact]
    public async Task Ensure_NpmFails_SaysWhatNpmSaid()
    {
        var tarball = new NpmTarball(Package, _cache, Report.To(TextWriter.Null), (_, _, _) => Task.FromResult(new Tool.Result(1, ["npm error code E404", ""])));

        var refusal = await Assert.ThrowsAsync<RefusalException>(() => tarball.EnsureAsync("it", CancellationToken.None));

        Assert.Equal("npm could not fetch @scope/some-package@1.2.3: npm error code E404", Assert.Single(refusal.Lines));
    }

    public void Dispose() => _folder.Dispose();

    private NpmTarball Tarball(string content) => new(Package, _cache, Report.To(TextWriter.Null), async (spec, folder, cancellation) =>
    {
        Assert.Equal("@scope/some-package@1.2.3", spec);
        _fetched++;
        await File.WriteAllTextAsync(Path.Combine(folder, "scope-some-package-1.2.3.tgz"), content, cancellation);
        return new(0, []);
    });
}
