using System.Text.Json.Serialization;
using Zilla.Config.Loading;
using Zilla.Control.Instances;
using Zilla.Control.Publishing;
using Zilla.Control.Sources;

namespace Zilla.Control.Status;

/// <summary>The body of <c>GET /status</c>.</summary>
/// <param name="Revision">In force; null = nothing.</param>
/// <param name="Epoch">In which the revision counts.</param>
/// <param name="Namespace">The configuration's name.</param>
/// <param name="Source">Path or URL.</param>
/// <param name="PublishedAt">When this process published it.</param>
/// <param name="Problem">Why the last reading of the source is not in force; null = it is.</param>
/// <param name="Errors">Its mistakes.</param>
/// <param name="Instances">Every instance that asked for plans.</param>
internal sealed record ControlStatus(
    long? Revision,
    string? Epoch,
    string? Namespace,
    string Source,
    DateTimeOffset? PublishedAt,
    string? Problem,
    IReadOnlyList<ConfigurationError> Errors,
    IReadOnlyList<InstanceStatus> Instances);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ControlStatus))]
[JsonSerializable(typeof(IReadOnlyList<ConfigurationError>))]
internal sealed partial class StatusJson : JsonSerializerContext;

internal static class StatusEndpoints
{
    public static void MapStatus(this WebApplication app)
    {
        app.MapGet("/status", (PublicationHolder holder, InstanceBoard board, ConfigurationFeed feed) => TypedResults.Json(Status(holder.Current, board, feed), StatusJson.Default.ControlStatus));
        app.MapGet("/config", (PublicationHolder holder) => holder.Current.Published is { } published
            ? Results.Text(published.Text, "application/yaml; charset=utf-8")
            : Results.Problem("No configuration is in force.", statusCode: StatusCodes.Status404NotFound));
    }

    private static ControlStatus Status(Publication current, InstanceBoard board, ConfigurationFeed feed) => new(
        current.Published?.Revision,
        current.Published?.Id.Epoch,
        current.Published?.Namespace,
        feed.Source.Name,
        current.Published?.At,
        current.Problem,
        current.Errors,
        board.All);
}
