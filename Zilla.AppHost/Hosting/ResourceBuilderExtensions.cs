using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting;

/// <summary>Aspire's vocabulary for what a resource needs and offers.</summary>
internal static class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithAnnotation<T>(this IResourceBuilder<T> builder, IResourceAnnotation annotation)
        where T : Resource
    {
        builder.Resource.Annotations.Add(annotation);
        return builder;
    }

    /// <summary>An internal HTTP/1.1 endpoint; the service finds its address as <c>Kestrel:Endpoints:Http</c>.</summary>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, string name = "http")
        where T : ProcessResource => builder.WithAnnotation(new EndpointAnnotation(name, EndpointKind.Http));

    /// <summary>An internal gRPC endpoint; the service finds its address as <c>Kestrel:Endpoints:Grpc</c>.</summary>
    public static IResourceBuilder<T> WithGrpcEndpoint<T>(this IResourceBuilder<T> builder, string name = "grpc")
        where T : ProcessResource => builder.WithAnnotation(new EndpointAnnotation(name, EndpointKind.Grpc));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : ProcessResource => builder
            .WithEnvironment(context => context.Set(name, context.ValueOf(parameter.Resource)))
            .WithAnnotation(new RelationshipAnnotation(parameter.Resource, RelationshipAnnotation.Reference));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Action<EnvironmentContext> apply)
        where T : ProcessResource => builder.WithAnnotation(new EnvironmentAnnotation(apply));

    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, Func<ResourceInstance, IEnumerable<string>> arguments)
        where T : ProcessResource => builder.WithAnnotation(new ArgumentsAnnotation(arguments));

    /// <summary>
    /// Tells where <paramref name="source"/> is: a Kafka cluster as <c>ConnectionStrings__name</c>, a service by every endpoint of every replica, as
    /// <c>services__name__endpoint__index</c>.
    /// </summary>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, IResourceBuilder<Resource> source)
        where T : ProcessResource => builder
            .WithEnvironment(context => context.SetAddresses(source.Resource))
            .WithAnnotation(new RelationshipAnnotation(source.Resource, RelationshipAnnotation.Reference));

    /// <summary>As <see cref="WithReference"/>, to a service that takes over requests which came in here, if the configuration has such; deployments that have none do without it.</summary>
    public static IResourceBuilder<T> WithHandover<T>(this IResourceBuilder<T> builder, IResourceBuilder<Resource> target)
        where T : ProcessResource => builder
            .WithEnvironment(context => context.SetAddresses(target.Resource))
            .WithAnnotation(new RelationshipAnnotation(target.Resource, RelationshipAnnotation.Handover));

    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<Resource> dependency)
        where T : ProcessResource => builder
            .WithAnnotation(new WaitAnnotation(dependency.Resource))
            .WithAnnotation(new RelationshipAnnotation(dependency.Resource, RelationshipAnnotation.WaitFor));

    /// <summary>Lets <c>--replicas name=n</c> choose how often it runs; <paramref name="count"/> otherwise.</summary>
    public static IResourceBuilder<T> WithReplicas<T>(this IResourceBuilder<T> builder, int count)
        where T : ProcessResource => builder.WithAnnotation(new ReplicaAnnotation(count));

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string path)
        where T : ProcessResource => builder.WithAnnotation(new HttpHealthCheckAnnotation(path));

    public static IResourceBuilder<T> WithIconName<T>(this IResourceBuilder<T> builder, string icon)
        where T : Resource => builder.WithAnnotation(new IconAnnotation(icon));
}
