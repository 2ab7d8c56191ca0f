using System.Formats.Tar;
using System.IO.Compression;

namespace Zilla.Bootstrap;

/// <summary>Unpacks a gzip-compressed tar, keeping every file inside the folder it is given.</summary>
internal static class Tarball
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <param name="compressed">The gzip stream.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="place">Maps an entry's name to a path below <paramref name="folder"/>, or to null for an entry that is not wanted.</param>
    /// <param name="cancellation">Stops between two entries.</param>
    /// <returns>The number of files written.</returns>
    /// <exception cref="InvalidDataException">The archive is damaged, or names a path outside the folder.</exception>
    public static int Unpack(Stream compressed, string folder, Func<string, string?> place, CancellationToken cancellation)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var files = 0;
        using var gzip = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || place(entry.Name) is not { Length: > 0 } name)
            {
                continue;
            }

            var path = Path.GetFullPath(Path.Combine(root, name));
            if (!path.StartsWith(root, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"The archive names a file outside its folder: {entry.Name}");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            entry.ExtractToFile(path, overwrite: true);
            if (!OperatingSystem.IsWindows())
            {
                // What its owner may run or read, everybody may: the orchestrator's own files come without those rights.
                File.SetUnixFileMode(path, Readable | ((entry.Mode & UnixFileMode.UserExecute) != 0 ? Executable : 0));
            }

            files++;
        }

        return files;
    }
}
