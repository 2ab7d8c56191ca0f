using Zilla.Config.Bindings;
using Zilla.Config.Catalogs;
using Zilla.Config.Guards;
using Zilla.Config.Stores;
using Zilla.Config.Telemetry;
using Zilla.Config.Vaults;

namespace Zilla.Config;

/// <summary>What a <c>zilla.yaml</c> says, once everything in it has been found right.</summary>
public sealed record ZillaConfiguration
{
    /// <summary>The namespace.</summary>
    public required string Name { get; init; }

    /// <summary>By name, in the order of the file.</summary>
    public required IReadOnlyDictionary<string, BindingConfig> Bindings { get; init; }

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, GuardConfig> Guards { get; init; } = new Dictionary<string, GuardConfig>();

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, FilesystemVault> Vaults { get; init; } = new Dictionary<string, FilesystemVault>();

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, CatalogConfig> Catalogs { get; init; } = new Dictionary<string, CatalogConfig>();

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, StoreConfig> Stores { get; init; } = new Dictionary<string, StoreConfig>();

    public TelemetryConfig Telemetry { get; init; } = new();
}
