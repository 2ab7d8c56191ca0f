using Zilla.AppHost.Hosting;
using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Tests.Planning;

/// <summary>A suite in small: broker, control, cache, edge.</summary>
internal sealed class SampleModel
{
    public SampleModel(AppHostOptions? options = null)
    {
        Builder = new DistributedApplicationBuilder(options ?? Options());
        Kafka = Builder.AddKafka<Project>("kafka").Resource;
        var config = Builder.AddParameter("config", Builder.Options.Config);
        var control = Builder.AddProject<Project>("control").WithGrpcEndpoint().WithEnvironment("Zilla__Config", config).WithHttpHealthCheck("/readyz");
        var cache = Builder.AddProject<Project>("cache").WithGrpcEndpoint().WithReplicas(1).WithHttpHealthCheck("/readyz")
            .WithReference(new ResourceBuilder<Resource>(Kafka)).WithReference(control)
            .WaitFor(control);
        var edge = Builder.AddProject<Project>("edge").WithReplicas(1).WithReference(cache).WithReference(control).WaitFor(cache).WithHttpHealthCheck("/readyz");
        (Control, Cache, Edge) = (control.Resource, cache.Resource, edge.Resource);
    }

    public DistributedApplicationBuilder Builder { get; }

    public Resource Kafka { get; }

    public ProjectResource Control { get; }

    public ProjectResource Cache { get; }

    public ProjectResource Edge { get; }

    public static AppHostOptions Options() => new() { Config = "/etc/zilla.yaml", StateDirectory = "/var/zilla" };

    private sealed class Project : IProjectMetadata
    {
        public string ProjectPath => "/src/Service.csproj";

        public string AssemblyPath => "/src/bin/Service.dll";
    }
}
