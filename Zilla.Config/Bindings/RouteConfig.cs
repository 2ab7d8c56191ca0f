namespace Zilla.Config.Bindings;

/// <summary>What the routes of all bindings have in common that clients can be kept from.</summary>
public abstract record RouteConfig
{
    public required string Exit { get; init; }

    /// <summary>
    /// Guard → the roles that it has to give, all of them; no roles = whoever it knows. The guards must all let a stream pass. Roles may hold
    /// <c>${method}</c> and <c>${path}</c>.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Guarded { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
