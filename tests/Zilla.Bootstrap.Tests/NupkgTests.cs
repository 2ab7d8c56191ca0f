using System.IO.Compression;

namespace Zilla.Bootstrap.Tests;

public sealed class NupkgTests
{
    private static readonly WantedPackage Package = new("Some.Package", "1.2.3", "MIT");

    [Fact]
    public void ToBytes_SameContentInAnotherOrder_SameBytes()
    {
        var one = new Nupkg(Package, "About") { Dependencies = [new("A", "1.0.0"), new("B", "2.0.0")] };
        one.Add("lib/net10.0/A.dll", [1, 2, 3]);
        one.Add("lib/net10.0/B.dll", [4, 5, 6]);
        var other = new Nupkg(Package, "About") { Dependencies = [new("B", "2.0.0"), new("A", "1.0.0")] };
        other.Add("lib/net10.0/B.dll", [4, 5, 6]);
        other.Add("lib/net10.0/A.dll", [1, 2, 3]);

        Assert.Equal(one.ToBytes(), other.ToBytes());
    }

    [Fact]
    public void ToBytes_OtherContent_OtherBytes()
    {
        var one = new Nupkg(Package, "About");
        one.Add("lib/net10.0/A.dll", [1]);
        var other = new Nupkg(Package, "About");
        other.Add("lib/net10.0/A.dll", [2]);

        Assert.NotEqual(one.ToBytes(), other.ToBytes());
    }

    [Fact]
    public void ToBytes_DescriptionWithMarkup_IsEscaped()
    {
        using var zip = new ZipArchive(new MemoryStream(new Nupkg(Package, "<&>").ToBytes()));
        using var manifest = new StreamReader(zip.GetEntry("Some.Package.nuspec")!.Open());

        Assert.Contains("<description>&lt;&amp;&gt;</description>", manifest.ReadToEnd(), StringComparison.Ordinal);
    }
}
