using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>What is the same wherever containers find each other by name.</summary>
internal static class Addresses
{
    /// <summary>Of what has replicas, the name that stands for all of them: each is dialled by itself (Zilla.Edge's <c>dns:///</c>).</summary>
    public static string ByName(ProcessResource resource, EndpointAnnotation endpoint, int port) =>
        endpoint.Kind == EndpointKind.Grpc && resource.All<ReplicaAnnotation>().Any()
            ? FormattableString.Invariant($"dns:///{resource.Name}:{port}")
            : FormattableString.Invariant($"http://{resource.Name}:{port}");

    public static string Configuration(string fileOrUrl, Func<string, string> literal) =>
        literal(Workspace.IsWeb(fileOrUrl) ? fileOrUrl : $"{MountedFile.Folder}/{Path.GetFileName(fileOrUrl)}");
}
