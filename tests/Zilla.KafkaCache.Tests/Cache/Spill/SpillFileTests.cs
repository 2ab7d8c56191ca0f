using Zilla.KafkaCache.Cache.Spill;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Cache.Spill;

public sealed class SpillFileTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly TemporaryDisk _disk;

    public SpillFileTests() => _disk = new(3 * 4096, _time);

    private SpillFile File => _disk.File;

    [Fact]
    public void TryRead_AnyPartOfAPiece_IsWhatWasWritten()
    {
        var first = File.TryWrite("first piece"u8)!;
        var second = File.TryWrite("second piece"u8)!;

        var read = new byte[5];
        Assert.True(second.TryRead(7, read));
        Assert.Equal("piece"u8.ToArray(), read);
        Assert.True(first.TryRead(0, read));
        Assert.Equal("first"u8.ToArray(), read);
        Assert.Equal((8192, 2), (File.Held, File.Written));
    }

    [Fact]
    public void TryWrite_NoRoom_NullUntilSomethingIsFreed()
    {
        var first = File.TryWrite(new byte[8192])!;
        Assert.NotNull(File.TryWrite(new byte[4096]));
        Assert.Null(File.TryWrite(new byte[1]));
        Assert.Equal(0, File.Failures);

        first.Free();
        first.Free();

        Assert.Equal(4096, File.Held);
        Assert.NotNull(File.TryWrite(new byte[8192]));
        Assert.False(first.TryRead(0, new byte[1]), "its place is another's now");
    }

    [Fact]
    public void TryRead_FileLostWhatWasWritten_NoAndTheDiskIsLeftAloneForAWhile()
    {
        var piece = File.TryWrite("bytes"u8)!;
        _disk.Lose();

        Assert.False(piece.TryRead(0, new byte[5]));
        Assert.Equal((1, false), (File.Failures, File.Usable));
        Assert.Null(File.TryWrite("more"u8));

        _time.Advance(SpillFile.Pause);
        Assert.True(File.Usable);
        Assert.NotNull(File.TryWrite("more"u8));
    }

    [Fact]
    public void TryWrite_DiskIsFull_NullAndNothingIsHeld()
    {
        using var file = TemporaryDisk.Full(1 << 20, _time);

        Assert.Null(file.TryWrite(new byte[10_000]));
        Assert.Equal((0, 1, false), (file.Held, file.Failures, file.Usable));
    }

    [Fact]
    public void Dispose_ReadersStillThere_GetANoAndTheFileIsGone()
    {
        var piece = File.TryWrite("bytes"u8)!;

        File.Dispose();

        Assert.False(piece.TryRead(0, new byte[5]));
        Assert.Null(File.TryWrite("more"u8));
        Assert.Empty(Directory.EnumerateFiles(_disk.Folder));
        Assert.Equal(0, File.Failures);
    }

    public void Dispose() => _disk.Dispose();
}
