using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Publishing.Compose;

/// <summary>Compose's own interpolation: <c>${NAME:-default}</c>, and <c>${NAME:?reason}</c> for what has to be given.</summary>
/// <param name="kafka">Name of the broker's container.</param>
internal sealed class ComposeDialect(string kafka) : IDialect
{
    public string ChannelKey => $"${{{DeployedPlacement.GivenChannelKey}:?services know each other by it}}";

    public string ConfigurationToken => $"${{{DeployedPlacement.GivenConfigurationToken}:-}}";

    public string TelemetryEndpoint => "${OTEL_EXPORTER_OTLP_ENDPOINT:-}";

    /// <summary>By default made from service, container and process: scaled containers all have the same environment.</summary>
    public string? Instance => null;

    /// <summary>The name of a scaled service has the address of each container.</summary>
    public string Url(ProcessResource resource, EndpointAnnotation endpoint, int port) => Addresses.ByName(resource, endpoint, port);

    public string BootstrapServers(string? known) => $"${{{ConfigurationNeeds.BootstrapServer}:-{known ?? kafka + ":9092"}}}";

    public string Configuration(string fileOrUrl) => Addresses.Configuration(fileOrUrl, Literal);

    public string Secret(string name) => $"${{{name}:?zilla.yaml reads it}}";

    public string? Address(ProcessResource resource, int port) => null;

    public string Literal(string value) => value.Replace("$", "$$", StringComparison.Ordinal);
}
