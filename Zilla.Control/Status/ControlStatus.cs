using System.Text.Json.Serialization;
using Zilla.Config.Loading;
using Zilla.Control.Instances;
using Zilla.Control.Publishing;

namespace Zilla.Control.Status;

/// <summary>The body of <c>GET /status</c>.</summary>
/// <param name="Revision">In force; null = nothing.</param>
/// <param name="Epoch">In which the revision counts.</param>
/// <param name="Namespace">The configuration's name.</param>
/// <param name="Source">Path or URL.</param>
/// <param name="PublishedAt">When this process published it.</param>
/// <param name="PutAt">When it was put; null = it comes from the source.</param>
/// <param name="Problem">Why the last reading of the source is not in force; null = it is, or says what it said before something was put in its place.</param>
/// <param name="Errors">Its mistakes.</param>
/// <param name="RefusedPut">The last configuration that was put and refused, if nothing was published after it.</param>
/// <param name="Instances">Every instance that asked for plans.</param>
internal sealed record ControlStatus(
    long? Revision,
    string? Epoch,
    string? Namespace,
    string Source,
    DateTimeOffset? PublishedAt,
    DateTimeOffset? PutAt,
    string? Problem,
    IReadOnlyList<ConfigurationError> Errors,
    RefusedPut? RefusedPut,
    IReadOnlyList<InstanceStatus> Instances)
{
    public static ControlStatus Of(Publication current, InstanceBoard board, ConfigurationSource source) => new(
        current.Published?.Revision,
        current.Published?.Id.Epoch,
        current.Published?.Configuration.Name,
        source.Name,
        current.Published?.At,
        current.PutAt,
        current.Problem,
        current.Errors,
        current.RefusedPut,
        board.All);
}

/// <summary>The body of an accepted <c>PUT /config</c>.</summary>
internal sealed record RevisionInForce(long Revision, string Epoch);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ControlStatus))]
[JsonSerializable(typeof(RevisionInForce))]
[JsonSerializable(typeof(IReadOnlyList<ConfigurationError>))]
internal sealed partial class StatusJson : JsonSerializerContext;
