namespace Zilla.EdgeHttp.Files;

/// <summary>A filesystem server's location. No path leads out of it: neither <c>..</c> nor an absolute path nor a symbolic link.</summary>
internal sealed class Folder
{
    private readonly string _root;

    public Folder(string location)
    {
        var full = Path.GetFullPath(location);
        _root = Path.EndsInDirectorySeparator(full) ? full : full + Path.DirectorySeparatorChar;
    }

    /// <summary>The file at <paramref name="path"/> below the folder, or null.</summary>
    public FileInfo? Find(string path)
    {
        if (path.Length == 0 || path.Contains('\0') || path.Contains('\\'))
        {
            return null;
        }

        var full = Path.GetFullPath(path.TrimStart('/'), _root);
        if (!full.StartsWith(_root, StringComparison.Ordinal))
        {
            return null;
        }

        var file = new FileInfo(full);
        return file.Exists && !HasLink(file) ? file : null;
    }

    private bool HasLink(FileInfo file)
    {
        for (FileSystemInfo? at = file; at is not null && at.FullName.Length > _root.Length; at = Directory.GetParent(at.FullName))
        {
            if (at.LinkTarget is not null)
            {
                return true;
            }
        }

        return false;
    }
}
