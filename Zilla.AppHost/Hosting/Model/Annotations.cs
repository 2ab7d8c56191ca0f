using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Model;

internal interface IResourceAnnotation;

internal enum EndpointKind
{
    /// <summary>HTTP/1.1 for health and the like.</summary>
    Http,

    /// <summary>Prior-knowledge HTTP/2.</summary>
    Grpc,

    /// <summary>Neither: the service is told the port by an argument.</summary>
    Tcp,
}

/// <summary>A loopback port of its own for every instance; <paramref name="PreferredPort"/> is taken by the first if it is free.</summary>
internal sealed record EndpointAnnotation(string Name, EndpointKind Kind, int? PreferredPort = null) : IResourceAnnotation;

/// <summary>Puts variables into an instance's environment once all ports are known.</summary>
internal sealed record EnvironmentAnnotation(Action<EnvironmentContext> Apply) : IResourceAnnotation;

/// <summary>Adds command line arguments once all ports are known.</summary>
internal sealed record ArgumentsAnnotation(Func<ResourceInstance, IEnumerable<string>> Arguments) : IResourceAnnotation;

/// <summary>The instance is healthy while a GET of this path on its HTTP endpoint answers 200.</summary>
internal sealed record HttpHealthCheckAnnotation(string Path) : IResourceAnnotation;

/// <summary>Instances start when every instance of <paramref name="Resource"/> is healthy.</summary>
internal sealed record WaitAnnotation(Resource Resource) : IResourceAnnotation;

/// <summary>An arrow in the resource graph.</summary>
internal sealed record RelationshipAnnotation(Resource Resource, string Type) : IResourceAnnotation
{
    public const string Reference = "Reference";
    public const string Handover = "Handover";
    public const string WaitFor = "WaitFor";
}

/// <summary>The resource can run more than once; how often unless <c>--replicas</c> says otherwise.</summary>
internal sealed record ReplicaAnnotation(int Count) : IResourceAnnotation;

/// <summary>The dashboard's picture for it: a name of the Fluent UI system icons.</summary>
internal sealed record IconAnnotation(string Name) : IResourceAnnotation;

/// <summary>Kept out of the dashboard's list.</summary>
internal sealed record HiddenAnnotation : IResourceAnnotation;
