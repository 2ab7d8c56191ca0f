namespace Zilla.AppHost.Hosting.Model;

/// <summary>A resource that runs as one or more processes of this suite.</summary>
internal abstract class ProcessResource(string name) : Resource(name);

/// <summary>A service of this repository.</summary>
internal sealed class ProjectResource(string name, IProjectMetadata project) : ProcessResource(name)
{
    public IProjectMetadata Project { get; } = project;
}

/// <summary>A program that is not ours, such as the dashboard.</summary>
internal sealed class ExecutableResource(string name, string path) : ProcessResource(name)
{
    /// <summary>Absolute path of the program.</summary>
    public string Path { get; } = path;
}

/// <summary>The Kafka cluster: none of ours. <paramref name="bootstrapServers"/> is null where the configuration names the servers itself.</summary>
internal sealed class ExternalKafkaResource(string name, string? bootstrapServers) : Resource(name)
{
    /// <summary>Comma-separated <c>host:port</c>.</summary>
    public string? BootstrapServers { get; } = bootstrapServers;
}

/// <summary>A value that the user gives.</summary>
internal sealed class ParameterResource(string name, string value) : Resource(name)
{
    public string Value { get; } = value;
}
