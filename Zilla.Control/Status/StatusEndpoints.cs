using Zilla.Control.Instances;
using Zilla.Control.Publishing;
using Zilla.Control.Sources;

namespace Zilla.Control.Status;

internal static class StatusEndpoints
{
    public static void MapStatus(this WebApplication app) => app.MapGet(
        "/status",
        (PublicationHolder holder, InstanceBoard board, ConfigurationFeed feed) => TypedResults.Json(ControlStatus.Of(holder.Current, board, feed.Source), StatusJson.Default.ControlStatus));
}
