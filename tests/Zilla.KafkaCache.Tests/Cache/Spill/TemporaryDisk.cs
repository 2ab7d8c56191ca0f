using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Zilla.KafkaCache.Cache.Spill;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Cache.Spill;

/// <summary>A spill file in a folder of its own, which can be broken.</summary>
internal sealed class TemporaryDisk : IDisposable
{
    private readonly SafeFileHandle _handle;

    public TemporaryDisk(long limit, TimeProvider? time = null)
    {
        Folder = Directory.CreateTempSubdirectory("zilla-spill-").FullName;
        var path = Path.Combine(Folder, "test.spill");
        _handle = System.IO.File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        File = new(_handle, path, limit, time ?? new ManualTime(), NullLogger.Instance);
    }

    public string Folder { get; }

    public SpillFile File { get; }

    /// <summary>A file on a disk that is full.</summary>
    public static SpillFile Full(long limit, TimeProvider time) => new(System.IO.File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite), "/nowhere/full.spill", limit, time, NullLogger.Instance);

    /// <summary>All that was written is lost.</summary>
    public void Lose() => RandomAccess.SetLength(_handle, 0);

    public void Dispose()
    {
        File.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
