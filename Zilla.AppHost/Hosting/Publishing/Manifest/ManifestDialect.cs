using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Publishing.Manifest;

/// <summary>Expressions in braces: <c>{resource.property}</c>.</summary>
/// <param name="configuration">Name of the parameter that is the configuration.</param>
/// <param name="kafka">Name of the parameter that is the cluster.</param>
internal sealed class ManifestDialect(string configuration, string kafka) : IDialect
{
    /// <summary>The parameter for the key that services know each other by.</summary>
    public const string ChannelKeyParameter = "channel-key";

    public string ChannelKey => $"{{{ChannelKeyParameter}.value}}";

    /// <summary>Whoever deploys is asked for every parameter: there is none for what few want.</summary>
    public string? ConfigurationToken => null;

    /// <summary>Not said: the host of the containers has its own.</summary>
    public string? TelemetryEndpoint => null;

    public string? Instance => null;

    /// <summary>
    /// gRPC is bound as plain TCP, so that nothing on the way looks into it: whoever asks for one port only (Azure Container Apps) would have an HTTP
    /// proxy in front of it.
    /// </summary>
    public string Url(ProcessResource resource, EndpointAnnotation endpoint, int port)
    {
        var binding = $"{resource.Name}.bindings.{endpoint.Name}";
        return endpoint.Kind == EndpointKind.Grpc ? $"http://{{{binding}.host}}:{{{binding}.port}}" : $"{{{binding}.url}}";
    }

    public string BootstrapServers(string? known) => $"{{{kafka}.value}}";

    public string Configuration(string fileOrUrl) => $"{{{configuration}.value}}";

    public string Secret(string name) => name == DeployedPlacement.ConfigurationUrl ? $"{{{configuration}.value}}" : $"{{{Parameter(name)}.value}}";

    public string? Address(ProcessResource resource, int port) => null;

    public string Literal(string value) => value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    /// <summary>The parameter for a variable: <c>KEYS_PASSWORD</c> is <c>env-keys-password</c>.</summary>
    public static string Parameter(string variable) =>
        "env-" + string.Concat(variable.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
