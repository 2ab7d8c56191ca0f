namespace Zilla.Config.Loading.Readers;

/// <summary>Names of files are relative to the folder of the file that has them.</summary>
internal static class RelativePath
{
    /// <summary>The absolute path that the required <paramref name="key"/> says; as it is written if it cannot be told.</summary>
    public static string Read(MappingReader reader, string key, ConfigurationSource source)
    {
        return Resolve(reader.RequiredText(key), reader.Path / key, reader.Findings, source);
    }

    /// <summary>The absolute path that <paramref name="path"/> at <paramref name="at"/> says; as it is written if it cannot be told.</summary>
    public static string Resolve(string path, ConfigurationPath at, Findings findings, ConfigurationSource source)
    {
        if (path.Length == 0 || Path.IsPathFullyQualified(path))
        {
            return path;
        }

        if (source.Folder is not { } folder)
        {
            findings.Report(at, "a relative path needs a configuration that comes from a file");
            return path;
        }

        return Path.GetFullPath(Path.Combine(folder, path));
    }
}
