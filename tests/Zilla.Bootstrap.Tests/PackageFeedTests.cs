using System.IO.Compression;
using System.Text.Json;

namespace Zilla.Bootstrap.Tests;

public sealed class PackageFeedTests
{
    // Any real assembly will do: the version it was built as is read from itself.
    private static readonly byte[] Assembly = File.ReadAllBytes(typeof(Assert).Assembly.Location);
    private static readonly string Version = AssemblyFacts.Read(Assembly).InformationalVersion!.Split('+')[0];

    [Fact]
    public void Repackage_ListedPackage_CarriesTheAssemblyUnchangedAndItsDependencies()
    {
        var nupkg = PackageFeed.Repackage(new("Some.Package", Version, "MIT"), Target(Version), _ => Assembly);

        using var zip = new ZipArchive(new MemoryStream(nupkg.ToBytes()));
        var content = new MemoryStream();
        using (var entry = zip.GetEntry("lib/net8.0/Some.Package.dll")!.Open())
        {
            entry.CopyTo(content);
        }

        Assert.Equal(Assembly, content.ToArray());
        Assert.Equal([new PackageDependency("Other.Package", "4.5.6")], nupkg.Dependencies);
    }

    [Fact]
    public void Repackage_PackageThatIsNotListed_IsRefused() =>
        Assert.Throws<RefusalException>(() => PackageFeed.Repackage(new("Some.Package", "9.9.9", "MIT"), Target(Version), _ => Assembly));

    [Fact]
    public void Repackage_AssemblyOfAnotherVersion_IsRefused() =>
        Assert.Throws<RefusalException>(() => PackageFeed.Repackage(new("Some.Package", "9.9.9", "MIT"), Target("9.9.9"), _ => Assembly));

    private static JsonElement Target(string version) => JsonDocument.Parse(
        $$"""
        { "Some.Package/{{version}}": { "dependencies": { "Other.Package": "4.5.6" }, "runtime": { "lib/net8.0/Some.Package.dll": {} } } }
        """).RootElement;
}
