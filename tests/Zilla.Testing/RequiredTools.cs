namespace Zilla.Testing;

/// <summary>The foreign programs that tests drive, and the Debian packages that bring them.</summary>
internal static class RequiredTools
{
    private static readonly Dictionary<string, string> Packages = new(StringComparer.Ordinal)
    {
        ["kcat"] = "kcat",
        ["curl"] = "curl",
        ["node"] = "nodejs",
        ["npm"] = "npm",
        ["chromium"] = "chromium",
        ["mosquitto_pub"] = "mosquitto-clients",
        ["mosquitto_sub"] = "mosquitto-clients",
        ["/usr/lib/python3/dist-packages/paho/mqtt/client.py"] = "python3-paho-mqtt",
        ["/usr/lib/python3/dist-packages/kafka/__init__.py"] = "python3-kafka",
    };

    /// <summary>Why a test that needs <paramref name="tools"/> cannot run here; null when it can.</summary>
    public static string? Missing(string[] tools) =>
        tools.FirstOrDefault(tool => !Exists(tool)) is { } missing ? $"{missing} is missing (Debian package: {Packages.GetValueOrDefault(missing, missing)})" : null;

    private static bool Exists(string tool) => Path.IsPathRooted(tool)
        ? File.Exists(tool)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
