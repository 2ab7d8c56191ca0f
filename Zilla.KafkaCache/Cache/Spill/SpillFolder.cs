namespace Zilla.KafkaCache.Cache.Spill;

/// <summary>The folder of a service's spill file: one file a process, and none that outlives it for longer than until the next one starts.</summary>
internal static class SpillFolder
{
    private const string Extension = ".spill";

    /// <summary>Opens a new file in <paramref name="folder"/>, after removing what processes left behind that are no more. Null: that is not possible, and was logged.</summary>
    /// <param name="folder">Made if it is missing.</param>
    /// <param name="limit">The file's largest size, in bytes; negative = <paramref name="usual"/>, but no more than half of what is free.</param>
    /// <param name="usual">Bytes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public static SpillFile? Open(string folder, long limit, long usual, TimeProvider time, ILogger logger)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var left in Directory.EnumerateFiles(folder, "*" + Extension))
            {
                RemoveUnlessInUse(left);
            }

            var bytes = limit >= 0 ? limit : Math.Min(usual, new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace / 2);
            var path = Path.Combine(folder, $"{Environment.ProcessId}-{Guid.NewGuid():N}{Extension}");

            // Not shared: who starts later knows by the lock that the file is in use.
            var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.RandomAccess);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite); // records are their owner's alone
            }

            CacheLog.SpillOpened(logger, path, bytes);
            return new(handle, path, bytes, time, logger);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            CacheLog.SpillFailed(logger, folder, problem.Message);
            return null;
        }
    }

    private static void RemoveUnlessInUse(string file)
    {
        try
        {
            using (File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                File.Delete(file);
            }
        }
        catch (IOException)
        {
            // Another process has it.
        }
    }
}
