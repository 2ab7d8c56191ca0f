using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>The links beside a resource: where clients find it first, its internal addresses in the details only.</summary>
internal static class ResourceUrls
{
    public static IEnumerable<Wire.Url> Of(ResourceSnapshot snapshot)
    {
        foreach (var url in snapshot.ClientUrls)
        {
            yield return Link(snapshot, "client", ForBrowser(url), isInternal: false, order: 1);
        }

        foreach (var endpoint in snapshot.Instance?.Endpoints ?? [])
        {
            yield return Link(snapshot, endpoint.Name, endpoint.Url, isInternal: endpoint.Kind != EndpointKind.Tcp, order: 0);
        }

        foreach (var server in (snapshot.Resource as ExternalKafkaResource)?.BootstrapServers?.Split(',') ?? [])
        {
            yield return Link(snapshot, "tcp", $"tcp://{server}", isInternal: false, order: 0);
        }
    }

    /// <summary>A listener on every interface is reached here by <c>localhost</c>.</summary>
    public static string ForBrowser(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Host is "0.0.0.0" or "[::]"
            ? new UriBuilder(parsed) { Host = "localhost" }.Uri.ToString()
            : url;

    private static Wire.Url Link(ResourceSnapshot snapshot, string name, string url, bool isInternal, int order) => new()
    {
        EndpointName = name,
        FullUrl = url,
        IsInternal = isInternal,
        IsInactive = snapshot.State != ResourceState.Running,
        DisplayProperties = new Wire.UrlDisplayProperties { SortOrder = order, DisplayName = "" },
    };
}
