using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Zilla.Bootstrap.Tests;

public sealed class ArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Find_ArchiveBehindDecoys_GivesItsPosition()
    {
        byte[] decoy = [0x1f, 0x8b, 0x08, 0, 0x1f, 0x8b];
        byte[] notTar = Gzip(new byte[600]);
        byte[] before = [.. decoy, .. notTar];

        Assert.Equal(before.Length, Find([.. before, .. Gzip(Tar(("a", "x", 0b110_100_100)))]));
    }

    [Theory]
    [InlineData((1 << 20) - 1)]
    [InlineData((1 << 20) - 2)]
    [InlineData(1 << 20)]
    public void Find_ArchiveAcrossTwoReads_GivesItsPosition(int position) =>
        Assert.Equal(position, Find([.. new byte[position], .. Gzip(Tar(("a", "x", 0b110_100_100)))]));

    [Fact]
    public void Find_NoArchive_IsRefused() => Assert.Throws<InvalidDataException>(() => Find(new byte[10_000]));

    [Fact]
    public void Unpack_ProgramForItsOwnerAlone_CanBeRunByAll()
    {
        Tarball.Unpack(new MemoryStream(Gzip(Tar(("x/dcp", "#!", 0b111_100_100), ("x/notice", "text", 0b110_000_000)))), _folder.Path, name => name[2..], CancellationToken.None);

        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(Path.Combine(_folder.Path, "dcp")));
        Assert.Equal((UnixFileMode)0b110_100_100, File.GetUnixFileMode(Path.Combine(_folder.Path, "notice")));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("/escaped")]
    [InlineData("a/../../escaped")]
    public void Unpack_PathOutsideTheFolder_IsRefused(string name) =>
        Assert.Throws<InvalidDataException>(() => Tarball.Unpack(new MemoryStream(Gzip(Tar((name, "x", 0b110_100_100)))), Path.Combine(_folder.Path, "in"), n => n, CancellationToken.None));

    [Fact]
    public void Unpack_CutArchive_IsRefused()
    {
        var whole = Gzip(Tar(("a", new string('x', 5000), 0b110_100_100)));

        Assert.ThrowsAny<Exception>(() => Tarball.Unpack(new MemoryStream(whole[..(whole.Length / 2)]), _folder.Path, n => n, CancellationToken.None));
    }

    public void Dispose() => _folder.Dispose();

    private long Find(byte[] content)
    {
        var path = Path.Combine(_folder.Path, "program");
        File.WriteAllBytes(path, content);
        using var file = File.OpenRead(path);
        return EmbeddedArchive.Find(file);
    }

    private static byte[] Tar(params (string Name, string Content, int Mode)[] files)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content, mode) in files)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = (UnixFileMode)mode });
            }
        }

        return tar.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }
}
