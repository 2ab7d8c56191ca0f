namespace Zilla.Testing;

/// <summary>An example's files in a folder of the test's own, with a port and topics of its own, so that suites can run side by side.</summary>
public static class ExampleCopy
{
    /// <summary>Copies <c>examples/<paramref name="example"/></c> and gives the path of the copied <c>zilla.yaml</c>.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="example">Its folder's name.</param>
    /// <param name="port">In place of the example's 7114.</param>
    /// <param name="topics">By the example's own names, the topics to use in their place.</param>
    public static string Write(string folder, string example, int port, IReadOnlyDictionary<string, string> topics)
    {
        var source = Path.Combine(Repository.Root, "examples", example);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var config = Path.Combine(folder, "zilla.yaml");
        var text = File.ReadAllText(config).Replace("port: 7114", $"port: {port}", StringComparison.Ordinal);
        File.WriteAllText(config, topics.Aggregate(text, (t, topic) => t.Replace(topic.Key, topic.Value, StringComparison.Ordinal)));
        return config;
    }
}
