using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>
/// Every resource in containers of its own: the same ports in each, others found by name. The plan has one instance of each resource, which
/// stands for all its replicas.
/// </summary>
internal sealed class DeployedPlacement(DistributedApplicationBuilder model, ConfigurationNeeds needs, IDialect dialect) : IPlacement
{
    /// <summary>The user's home in .NET's images, the only folder that is his.</summary>
    public const string Home = "/home/app";

    public const string StateDirectory = Home + "/state";

    private const int FirstPort = 8080;

    /// <summary>Longer than any service drains; the files give the process some seconds more than this before it is killed.</summary>
    public const int ShutdownSeconds = 20;

    /// <summary>An edge for which the configuration has no listener, no requests of others and no calls in topics does nothing, and is left out.</summary>
    public int InstancesOf(ProcessResource resource) =>
        resource is ProjectResource && (!IsScalable(resource) || ListenersOf(resource).Any() || IsReferenced(resource) || needs.Workers.Contains(resource.Name)) ? 1 : 0;

    public AllocatedEndpoint Allocate(ProcessResource resource, int index, EndpointAnnotation endpoint)
    {
        var listeners = ListenersOf(resource).SelectMany(listener => listener.Ports).ToHashSet();
        var position = resource.All<EndpointAnnotation>().ToList().IndexOf(endpoint);
        var port = Enumerable.Range(FirstPort, ushort.MaxValue).Where(candidate => !listeners.Contains(candidate)).ElementAt(position);
        return new AllocatedEndpoint(endpoint.Name, endpoint.Kind, port) { Url = dialect.Url(resource, endpoint, port), ListenUrl = FormattableString.Invariant($"http://0.0.0.0:{port}") };
    }

    public string Value(ParameterResource parameter) => IsConfiguration(parameter)
        ? NamesNoSecret(parameter.Value) ? dialect.Configuration(parameter.Value) : dialect.Secret(ConfigurationUrl)
        : dialect.Literal(parameter.Value);

    public string? BootstrapServers(ExternalKafkaResource kafka) =>
        kafka.BootstrapServers is not null || needs.Environment.Contains(ConfigurationNeeds.BootstrapServer) ? dialect.BootstrapServers(kafka.BootstrapServers) : null;

    public void Introduce(EnvironmentContext context)
    {
        var resource = context.Instance.Resource;
        context.Set("Zilla__StateDirectory", StateDirectory);
        context.Set(EnvironmentContext.ChannelKey, dialect.ChannelKey, isSecret: true);
        context.Set("OTEL_SERVICE_NAME", resource.Name);
        context.Set("DOTNET_shutdownTimeoutSeconds", $"{ShutdownSeconds}");
        SetIf(context, "OTEL_EXPORTER_OTLP_ENDPOINT", dialect.TelemetryEndpoint);
        SetIf(context, "Zilla__Instance", dialect.Instance);
        SetIf(context, "OTEL_RESOURCE_ATTRIBUTES", dialect.Instance is { } instance ? $"service.instance.id={instance}" : null);
        SetIf(context, "Zilla__Address", context.Instance.Endpoints is [.., var last] ? dialect.Address(resource, last.Port) : null);
        if (ListenersOf(resource).Any())
        {
            context.Set("Zilla__Edge__ListenAddress", "0.0.0.0");
        }

        if (ReadsConfiguration(resource))
        {
            SetIf(context, ConfigurationToken, dialect.ConfigurationToken, isSecret: true);
            foreach (var name in needs.Environment.Where(name => name != ConfigurationNeeds.BootstrapServer))
            {
                context.Set(name, dialect.Secret(name), isSecret: true);
            }

            if (needs.Environment.Contains(ConfigurationNeeds.BootstrapServer) && model.Kafka is { } kafka && context.BootstrapServers(kafka) is { } servers)
            {
                context.Set(ConfigurationNeeds.BootstrapServer, servers);
            }
        }
    }

    /// <summary>Control's variable for the token that lets somebody put configurations.</summary>
    public const string ConfigurationToken = "Zilla__ConfigToken";

    /// <summary>In which that token is given.</summary>
    public const string GivenConfigurationToken = "ZILLA_CONFIG_TOKEN";

    /// <summary>In which the key is given that services know each other by.</summary>
    public const string GivenChannelKey = "ZILLA_CHANNEL_KEY";

    /// <summary>In which a URL that may hold a secret is given.</summary>
    public const string ConfigurationUrl = "ZILLA_CONFIG_URL";

    /// <summary>A URL with a user or a query may let in whoever has it.</summary>
    public static bool NamesNoSecret(string configuration) =>
        !Workspace.IsWeb(configuration) || new Uri(configuration) is { UserInfo: "", Query: "" };

    public bool IsScalable(Resource resource) => resource.All<ReplicaAnnotation>().Any();

    /// <summary>Whether another service is told where this one is.</summary>
    public bool IsReferenced(Resource resource) => TakesOver(resource) || model.Resources.Any(other => other.All<RelationshipAnnotation>()
        .Any(r => r.Resource == resource && r.Type == RelationshipAnnotation.Reference));

    /// <summary>Whether requests are handed over to it that came in elsewhere.</summary>
    public bool TakesOver(Resource resource) => needs.Handovers.Contains(resource.Name);

    public IEnumerable<NeededListener> ListenersOf(Resource resource) => needs.Listeners.Where(listener => listener.Service == resource.Name);

    public bool ReadsConfiguration(Resource resource) => resource.All<RelationshipAnnotation>().Any(r => r.Resource is ParameterResource parameter && IsConfiguration(parameter));

    private bool IsConfiguration(ParameterResource parameter) => parameter.Value == model.Options.Config;

    private static void SetIf(EnvironmentContext context, string name, string? value, bool isSecret = false)
    {
        if (value is not null)
        {
            context.Set(name, value, isSecret);
        }
    }
}
