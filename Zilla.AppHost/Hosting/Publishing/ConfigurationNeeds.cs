using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>What <c>zilla.yaml</c> needs of the place it is to run in, as Zilla.Control says it (<c>describe</c>): only Control reads configurations.</summary>
internal sealed record ConfigurationNeeds(string Namespace, IReadOnlyList<NeededListener> Listeners, IReadOnlyList<string> Environment, IReadOnlyList<NeededFile> Files)
{
    /// <summary>Services that others hand requests over to.</summary>
    public IReadOnlyList<string> Handovers { get; init; } = [];

    /// <summary>Services that have something to do without any listener: calls that lie in topics.</summary>
    public IReadOnlyList<string> Workers { get; init; } = [];

    public const string BootstrapServer = "KAFKA_BOOTSTRAP_SERVER";

    /// <param name="program">Control's.</param>
    /// <param name="configuration">Path or URL.</param>
    /// <exception cref="FormatException">The configuration has mistakes, which the message lists.</exception>
    /// <exception cref="IOException">Control cannot be started.</exception>
    public static async Task<ConfigurationNeeds> AskAsync(string program, string configuration)
    {
        var start = new ProcessStartInfo(program, ["describe", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var control = Process.Start(start)!;
            var problems = control.StandardError.ReadToEndAsync();
            var json = await control.StandardOutput.ReadToEndAsync();
            await control.WaitForExitAsync();
            return control.ExitCode == 0
                ? JsonSerializer.Deserialize<ConfigurationNeeds>(json, JsonSerializerOptions.Web)!
                : throw new FormatException((await problems).TrimEnd());
        }
        catch (Win32Exception missing)
        {
            throw new IOException($"{program} cannot be started: {missing.Message}", missing);
        }
    }
}

/// <param name="Service">Which opens it: also the name of a resource.</param>
/// <param name="Ports">All of them.</param>
/// <param name="Http">Whether clients speak plain HTTP to all of its ports; else bytes.</param>
/// <param name="Internal">It is not for clients: what a prometheus exporter serves is for whoever runs the suite.</param>
internal sealed record NeededListener(string Service, IReadOnlyList<int> Ports, bool Http, bool Internal = false);

/// <param name="Service">Which reads it.</param>
/// <param name="Path">Absolute path of a file or a folder.</param>
/// <param name="Secret">A store of keys or certificates.</param>
internal sealed record NeededFile(string Service, string Path, bool Secret);
