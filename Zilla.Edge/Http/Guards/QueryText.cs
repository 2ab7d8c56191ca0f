namespace Zilla.Edge.Http.Guards;

public static class QueryText
{
    /// <summary>A path without a parameter of its query, whatever its value; the others stay as they are written.</summary>
    public static string Without(string path, string name)
    {
        var query = path.IndexOf('?');
        if (query < 0)
        {
            return path;
        }

        var all = path[(query + 1)..].Split('&');
        var kept = all.Where(parameter => !Is(parameter, name)).ToArray();
        return kept.Length == all.Length ? path
            : kept.Length == 0 ? path[..query]
            : $"{path[..query]}?{string.Join('&', kept)}";
    }

    /// <summary>Read as the server reads names: percent-decoded, a plus for a space, letter case aside.</summary>
    private static bool Is(string parameter, string name)
    {
        var equals = parameter.IndexOf('=');
        var written = equals < 0 ? parameter : parameter[..equals];
        return Uri.UnescapeDataString(written.Replace('+', ' ')).Equals(name, StringComparison.OrdinalIgnoreCase);
    }
}
