using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

/// <summary><c>$(NAME)</c> stands for a variable that the pod gets from elsewhere: <see cref="PodEnvironment"/> says from where.</summary>
internal sealed class KubernetesDialect : IDialect
{
    public string ChannelKey => Variable(EnvironmentContext.ChannelKey);

    /// <summary>By its own name: what is optional and not there would leave a reference to it as it is written.</summary>
    public string ConfigurationToken => Variable(DeployedPlacement.ConfigurationToken);

    public string TelemetryEndpoint => Variable(PodEnvironment.TelemetryEndpoint);

    public string Instance => Variable(PodEnvironment.PodName);

    /// <summary>A headless service has the address of each pod that is ready.</summary>
    public string Url(ProcessResource resource, EndpointAnnotation endpoint, int port) => Addresses.ByName(resource, endpoint, port);

    public string BootstrapServers(string? known) => Variable(ConfigurationNeeds.BootstrapServer);

    public string Configuration(string fileOrUrl) => Addresses.Configuration(fileOrUrl, Literal);

    public string Secret(string name) => Variable(name);

    public string Address(ProcessResource resource, int port) => FormattableString.Invariant($"http://{Variable(PodEnvironment.PodAddress)}:{port}");

    public string Literal(string value) => value.Replace("$(", "$$(", StringComparison.Ordinal);

    private static string Variable(string name) => $"$({name})";
}
