using System.Security.Cryptography;
using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting;

/// <summary>Collects the resources of the suite.</summary>
internal sealed class DistributedApplicationBuilder(AppHostOptions options)
{
    public AppHostOptions Options { get; } = options;

    /// <summary>What the processes of one run have in common: only they may share a client's port.</summary>
    public string SuiteId { get; } = Guid.NewGuid().ToString("N");

    /// <summary>What the services of one run know each other by.</summary>
    public string ChannelKey { get; } = options.ChannelKey ?? RandomNumberGenerator.GetHexString(64, lowercase: true);

    public List<Resource> Resources { get; } = [];

    /// <summary>The Kafka cluster whose address every service can read as <c>KAFKA_BOOTSTRAP_SERVER</c>.</summary>
    public Resource? Kafka { get; private set; }

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : Resource
    {
        if (Resources.Any(other => other.Name == resource.Name))
        {
            throw new InvalidOperationException($"There are two resources named '{resource.Name}'.");
        }

        Resources.Add(resource);
        return new ResourceBuilder<T>(resource);
    }

    public IResourceBuilder<ProjectResource> AddProject<TProject>(string name)
        where TProject : IProjectMetadata, new() => AddResource(new ProjectResource(name, new TProject())).WithHttpEndpoint();

    public IResourceBuilder<ExecutableResource> AddExecutable(string name, string path) => AddResource(new ExecutableResource(name, path));

    public IResourceBuilder<ParameterResource> AddParameter(string name, string value) => AddResource(new ParameterResource(name, value));

    /// <summary>
    /// The cluster that <c>--kafka</c> names; or none of ours when the configuration names its servers itself, or when the suite is published; or else
    /// <typeparamref name="TBroker"/>, the embedded broker, on port 9092 if that is free, with its data in <c>devkafka</c> of the state directory. It creates the topics of <c>topics.conf</c> beside the configuration.
    /// </summary>
    public IResourceBuilder<Resource> AddKafka<TBroker>(string name)
        where TBroker : IProjectMetadata, new()
    {
        var kafka = Options.Kafka is null && Options.ConfigReadsKafkaBootstrapServer && Options.Publish is null
            ? (IResourceBuilder<Resource>)AddProject<TBroker>(name)
                .WithAnnotation(new EndpointAnnotation("tcp", EndpointKind.Tcp, PreferredPort: 9092))
                .WithArgs(broker => ["--port", $"{broker.Endpoint("tcp").Port}", "--data", Path.Combine(Options.StateDirectory, "devkafka"), .. Topics()])
                .WithHttpHealthCheck("/readyz")
            : AddResource(new ExternalKafkaResource(name, Options.Kafka));
        Kafka = kafka.Resource;
        return kafka.WithIconName("DocumentBulletListMultiple");
    }

    public DistributedApplication Build() => new(this);

    private IEnumerable<string> Topics() =>
        Path.Combine(Path.GetDirectoryName(Options.Config) ?? "", "topics.conf") is var file && File.Exists(file) ? ["--topics", file] : [];
}
