namespace Zilla.Config.Watching;

/// <summary>Writes the small files in which a service keeps its state.</summary>
public static class StateFile
{
    /// <summary>
    /// Writes beside the file and renames over it once the bytes are on the disk, so that a crash leaves the old content or the new, never half
    /// of it. Readable by its owner alone: a plan holds what <c>${{env.…}}</c> stood for.
    /// </summary>
    /// <exception cref="IOException">Not written; the old content stands.</exception>
    /// <exception cref="UnauthorizedAccessException">Not written; the old content stands.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var beside = path + ".new";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(beside, create))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
