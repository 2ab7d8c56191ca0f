using System.Text.Json.Serialization;

namespace Zilla.Control.Commands;

/// <summary>What a configuration needs of the place it is to run in: the output of <c>describe</c>.</summary>
/// <param name="Namespace">Its name.</param>
/// <param name="Listeners">What clients connect to.</param>
/// <param name="Environment">The variables that it reads, by <c>${{env.NAME}}</c>.</param>
/// <param name="Files">What services read beside the configuration.</param>
/// <param name="Handovers">Services that others hand requests over to.</param>
/// <param name="Workers">Services that have something to do without any listener: calls that lie in topics.</param>
internal sealed record ConfigurationNeeds(
    string Namespace, IReadOnlyList<NeededListener> Listeners, IReadOnlyList<string> Environment, IReadOnlyList<NeededFile> Files, IReadOnlyList<string> Handovers, IReadOnlyList<string> Workers);

/// <param name="Service">Which opens it.</param>
/// <param name="Binding">Its tcp server binding.</param>
/// <param name="Ports">All of them.</param>
/// <param name="Http">Whether clients speak plain HTTP to all of its ports; else bytes.</param>
/// <param name="Internal">It is not for clients: what a prometheus exporter serves is for whoever runs the suite.</param>
internal sealed record NeededListener(
    string Service, string Binding, IReadOnlyList<int> Ports, bool Http, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Internal = false);

/// <param name="Service">Which reads it.</param>
/// <param name="Path">Absolute path of a file or a folder.</param>
/// <param name="Secret">A store of keys or certificates.</param>
internal sealed record NeededFile(string Service, string Path, bool Secret);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ConfigurationNeeds))]
internal sealed partial class NeedsJson : JsonSerializerContext;
