namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>A file or folder of this machine that a container finds beside its configuration, where the configuration names it.</summary>
/// <param name="Source">Absolute path here.</param>
/// <param name="RelativePath">To the configuration's folder, with slashes.</param>
/// <param name="Secret">Not to be copied into what is published.</param>
internal sealed record MountedFile(string Source, string RelativePath, bool Secret)
{
    /// <summary>Where containers have the configuration.</summary>
    public const string Folder = "/etc/zilla";

    public string Target => $"{Folder}/{RelativePath}";

    /// <summary>As a key of a ConfigMap or Secret, which takes no slash.</summary>
    public string Key => RelativePath.Replace("/", "__", StringComparison.Ordinal);

    /// <summary>The file itself, or the files in the folder.</summary>
    public IEnumerable<MountedFile> Expand() => Directory.Exists(Source)
        ? Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => new MountedFile(file, $"{RelativePath}/{Path.GetRelativePath(Source, file).Replace('\\', '/')}", Secret))
        : [this];
}
