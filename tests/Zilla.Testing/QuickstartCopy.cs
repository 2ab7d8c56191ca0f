namespace Zilla.Testing;

/// <summary>The quickstart's files in a folder of the test's own, with a port and a topic of its own, so that suites can run side by side.</summary>
public static class QuickstartCopy
{
    /// <summary>Copies the example and gives the path of the copied <c>zilla.yaml</c>.</summary>
    public static string Write(string folder, int port, string topic = "items-snapshots")
    {
        var quickstart = Path.Combine(Repository.Root, "examples", "quickstart");
        foreach (var file in Directory.EnumerateFiles(quickstart, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(quickstart, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var config = Path.Combine(folder, "zilla.yaml");
        File.WriteAllText(config, File.ReadAllText(config)
            .Replace("port: 7114", $"port: {port}", StringComparison.Ordinal)
            .Replace("items-snapshots", topic, StringComparison.Ordinal));
        return config;
    }
}
