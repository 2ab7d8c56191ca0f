using Microsoft.Extensions.Configuration;

namespace Zilla.ServiceDefaults;

/// <summary>Where other services are, in Aspire's form: <c>services__kafka-cache__grpc__0=http://127.0.0.1:40001</c>, one entry per replica.</summary>
public static class ServiceDiscovery
{
    /// <summary>The addresses of every replica of <paramref name="service"/>, in order; none if it is not configured.</summary>
    /// <exception cref="FormatException">An entry is not an absolute URL.</exception>
    public static IReadOnlyList<Uri> GetServiceAddresses(this IConfiguration configuration, string service, string endpoint) =>
        [.. configuration.GetSection($"services:{service}:{endpoint}").GetChildren()
            .OrderBy(entry => int.TryParse(entry.Key, out var index) ? index : int.MaxValue)
            .Select(entry => Uri.TryCreate(entry.Value, UriKind.Absolute, out var address)
                ? address
                : throw new FormatException($"{entry.Path} is not an absolute URL: '{entry.Value}'"))];
}
