using Microsoft.Extensions.Logging.Abstractions;
using Zilla.KafkaCache.Cache.Spill;

namespace Zilla.KafkaCache.Tests.Cache.Spill;

public sealed class SpillFolderTests : IDisposable
{
    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("zilla-spill-").FullName, "spill");

    [Fact]
    public void Open_LeftByAProcessThatIsGone_IsRemovedAndWhatIsInUseIsNot()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "4711-left.spill"), "left");
        File.WriteAllText(Path.Combine(_folder, "other.txt"), "not ours");

        using var first = Open(1000);
        using var second = Open(1000);

        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Equal(3, Directory.EnumerateFiles(_folder).Count());
        Assert.False(File.Exists(Path.Combine(_folder, "4711-left.spill")));
        first.Dispose();
        second.Dispose();
        Assert.Equal(["other.txt"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Open_File_IsItsOwnersAlone()
    {
        using var file = Open(1000);

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Directory.EnumerateFiles(_folder).Single()) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void Open_FolderCannotBeMade_Null()
    {
        File.WriteAllText(_folder, "a file");

        Assert.Null(Open(1000));
    }

    [Fact]
    public void Open_NoLimitSaid_IsTheUsualOneIfTheDiskHasTwiceAsMuch()
    {
        using var usual = Open(-1, 1 << 20);
        using var huge = Open(-1, long.MaxValue);

        Assert.Equal(1 << 20, usual!.Limit);
        Assert.InRange(huge!.Limit, 1, new DriveInfo(_folder).TotalSize);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    private SpillFile? Open(long limit, long usual = 0) => SpillFolder.Open(_folder, limit, usual, TimeProvider.System, NullLogger.Instance);
}
