namespace Zilla.AppHost.Hosting.Dcp;

/// <summary>Finds the orchestrator's own processes, which are not our children, by the session folder that their command lines name.</summary>
internal static class SessionProcesses
{
    /// <summary>Always false where there is no <c>/proc</c>.</summary>
    public static bool AnyNaming(string folder) =>
        Directory.Exists("/proc") && Directory.EnumerateDirectories("/proc").Any(process => CommandLineOf(process).Contains(folder, StringComparison.Ordinal));

    private static string CommandLineOf(string process)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(process)[0]) ? File.ReadAllText(Path.Combine(process, "cmdline")) : "";
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
