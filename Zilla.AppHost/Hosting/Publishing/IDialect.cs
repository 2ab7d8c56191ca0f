using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>How one kind of deployment file says what is only known where it runs.</summary>
internal interface IDialect
{
    /// <summary>Where others find an endpoint of a resource.</summary>
    string Url(ProcessResource resource, EndpointAnnotation endpoint, int port);

    /// <summary>The cluster's address. <paramref name="known"/> is what <c>--kafka</c> says, if anything.</summary>
    string BootstrapServers(string? known);

    /// <summary>The configuration, given as a file of this name or as a URL.</summary>
    string Configuration(string fileOrUrl);

    /// <summary>A variable that is given where it runs, and is a secret.</summary>
    string Secret(string name);

    /// <summary>What services know each other by, given where it runs.</summary>
    string ChannelKey { get; }

    /// <summary>What lets somebody put configurations, given where it runs or not at all; null: never given.</summary>
    string? ConfigurationToken { get; }

    /// <summary>Where telemetry goes; null: not said.</summary>
    string? TelemetryEndpoint { get; }

    /// <summary>What tells an instance from its replicas; null: the service's own default.</summary>
    string? Instance { get; }

    /// <summary>Where an instance says that it is; null: the service's own default.</summary>
    string? Address(ProcessResource resource, int port);

    /// <summary>As a value that is not to be taken for an expression.</summary>
    string Literal(string value);
}
