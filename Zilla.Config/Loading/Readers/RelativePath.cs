namespace Zilla.Config.Loading.Readers;

/// <summary>Names of files are relative to the folder of the file that has them.</summary>
internal static class RelativePath
{
    /// <summary>The absolute path that the required <paramref name="key"/> says; as it is written if it cannot be told.</summary>
    public static string Read(MappingReader reader, string key, ConfigurationSource source)
    {
        var path = reader.RequiredText(key);
        if (path.Length == 0 || Path.IsPathFullyQualified(path))
        {
            return path;
        }

        if (source.Folder is not { } folder)
        {
            reader.Findings.Report(reader.Path / key, "a relative path needs a configuration that comes from a file");
            return path;
        }

        return Path.GetFullPath(Path.Combine(folder, path));
    }
}
