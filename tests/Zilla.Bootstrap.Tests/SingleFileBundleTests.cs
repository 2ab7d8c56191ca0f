using System.IO.Compression;
using System.Text;

namespace Zilla.Bootstrap.Tests;

public sealed class SingleFileBundleTests
{
    private static readonly byte[] Stored = "stored as it is"u8.ToArray();
    private static readonly byte[] Deflated = Encoding.UTF8.GetBytes(new string('z', 500));

    [Fact]
    public void Read_StoredAndCompressedFiles_GivesTheirContent()
    {
        var bundle = new SingleFileBundle(new MemoryStream(App()));

        Assert.Equal(["a.txt", "b.txt"], bundle.Names.Order(StringComparer.Ordinal));
        Assert.Equal(Stored, bundle.Read("a.txt"));
        Assert.Equal(Deflated, bundle.Read("b.txt"));
    }

    [Fact]
    public void Open_CutAtAnyOffset_IsRefused()
    {
        var app = App();
        for (var length = 0; length < app.Length; length++)
        {
            var cut = app[..length];
            Assert.Throws<InvalidDataException>(() => new SingleFileBundle(new MemoryStream(cut)));
        }
    }

    [Fact]
    public void Read_AnyByteDamaged_GivesContentOrIsRefused()
    {
        var app = App();
        for (var i = 0; i < app.Length; i++)
        {
            var damaged = app.ToArray();
            damaged[i] ^= 0xff;
            try
            {
                var bundle = new SingleFileBundle(new MemoryStream(damaged));
                foreach (var name in bundle.Names)
                {
                    Assert.True(bundle.Read(name).Length <= SingleFileBundle.MaxFileBytes);
                }
            }
            catch (InvalidDataException)
            {
                // What is expected of damage that can be seen.
            }
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(1000)]
    public void Open_FileCountThatCannotBe_IsRefused(int files) =>
        Assert.Throws<InvalidDataException>(() => new SingleFileBundle(new MemoryStream(App(files: files))));

    [Theory]
    [InlineData(1u)]
    [InlineData(7u)]
    public void Open_OtherFormat_IsRefused(uint major) =>
        Assert.Throws<InvalidDataException>(() => new SingleFileBundle(new MemoryStream(App(major))));

    [Theory]
    [InlineData(0, -1, 0)]
    [InlineData(-1, 1, 0)]
    [InlineData(0, long.MaxValue, 0)]
    [InlineData(long.MaxValue, 16, 0)]
    [InlineData(0, 16, long.MaxValue)]
    [InlineData(0, 16, -16)]
    public void Open_FileOutsideTheBundle_IsRefused(long offset, long size, long compressed) =>
        Assert.Throws<InvalidDataException>(() => new SingleFileBundle(new MemoryStream(App(entry: (offset, size, compressed)))));

    [Fact]
    public void Read_UnknownName_IsRefused() => Assert.Throws<InvalidDataException>(() => new SingleFileBundle(new MemoryStream(App())).Read("c.txt"));

    [Fact]
    public void Open_ProgramWithoutMarker_IsRefused() => Assert.Throws<InvalidDataException>(() => new SingleFileBundle(new MemoryStream(new byte[5000])));

    private static byte[] App(uint major = 6, int? files = null, (long Offset, long Size, long Compressed)? entry = null)
    {
        var compressed = new MemoryStream();
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(Deflated);
        }

        var app = new MemoryStream();
        using var writer = new BinaryWriter(app, Encoding.UTF8);
        writer.Write("a program, up to here"u8);
        var pointer = app.Position;
        writer.Write(0L);
        writer.Write(SingleFileBundle.Marker);
        var first = app.Position;
        writer.Write(Stored);
        var second = app.Position;
        writer.Write(compressed.ToArray());
        var manifest = app.Position;
        writer.Write(major);
        writer.Write(0u);
        writer.Write(files ?? 2);
        writer.Write("bundle-id");
        writer.Write(new byte[40]); // where the dependency file and the runtime settings lie, flags
        Entry(entry ?? (first, Stored.Length, 0), "a.txt");
        Entry((second, Deflated.Length, compressed.Length), "b.txt");
        app.Position = pointer;
        writer.Write(manifest);
        return app.ToArray();

        void Entry((long Offset, long Size, long Compressed) at, string name)
        {
            writer.Write(at.Offset);
            writer.Write(at.Size);
            writer.Write(at.Compressed);
            writer.Write((byte)1);
            writer.Write(name);
        }
    }
}
