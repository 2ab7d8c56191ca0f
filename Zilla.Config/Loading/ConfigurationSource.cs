namespace Zilla.Config.Loading;

/// <summary>Where a configuration comes from.</summary>
/// <param name="Name">Path or URL, for people.</param>
/// <param name="Folder">What relative file names in it are relative to; null if it did not come from a file.</param>
public sealed record ConfigurationSource(string Name, string? Folder)
{
    public static ConfigurationSource File(string path) => new(path, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)));

    /// <summary>A password in the URL does not show in the name.</summary>
    public static ConfigurationSource Url(Uri url) => new(url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped), null);
}
