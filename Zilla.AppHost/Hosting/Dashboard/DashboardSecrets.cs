using System.Security.Cryptography;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>
/// What lets a browser, a service's telemetry and the dashboard itself in: new ones for every run, unless the environment fixes them (by the names that
/// Aspire's AppHost reads).
/// </summary>
internal sealed record DashboardSecrets(string BrowserToken, string OtlpKey, string ResourceServiceKey)
{
    public static DashboardSecrets Create(Func<string, string?> environment) =>
        new(environment("AppHost__BrowserToken") ?? New(), environment("AppHost__OtlpApiKey") ?? New(), environment("AppHost__ResourceService__ApiKey") ?? New());

    private static string New() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
