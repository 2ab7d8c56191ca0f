namespace Zilla.Testing;

/// <summary>The quickstart's <see cref="ExampleCopy"/>.</summary>
public static class QuickstartCopy
{
    /// <summary>Copies the example and gives the path of the copied <c>zilla.yaml</c>.</summary>
    public static string Write(string folder, int port, string topic = "items-snapshots") =>
        ExampleCopy.Write(folder, "quickstart", port, new Dictionary<string, string> { ["items-snapshots"] = topic });
}
