using System.Globalization;

namespace Zilla.Suite.Tests.Faults;

internal static class ServiceMetrics
{
    /// <summary>What a metric of each service says at <c>/metrics</c>, over all its tags.</summary>
    public static async Task<IReadOnlyList<double>> CountAsync(this IReadOnlyList<ServiceProcess> services, string metric)
    {
        using var client = new HttpClient();
        var pages = await Task.WhenAll(services.Select(service => client.GetStringAsync(new Uri(service.Address, "metrics"))));
        return [.. pages.Select(page => page.Split('\n').Where(line => line.StartsWith(metric, StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)))];
    }
}
