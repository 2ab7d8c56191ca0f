namespace Zilla.Config.Bindings;

/// <summary>
/// A binding that Zilla knows and this suite does not yet. It stands in while a configuration is checked, so that what leads to it or away from
/// it is checked too; no valid configuration holds one.
/// </summary>
internal sealed record UnsupportedBinding : BindingConfig
{
    public required string Type { get; init; }
    public required string Kind { get; init; }

    /// <summary>One a route; null where the route names none.</summary>
    public IReadOnlyList<string?> RouteExits { get; init; } = [];
}
