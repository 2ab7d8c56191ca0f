namespace Zilla.Config.Stores;

/// <summary>Reference §3.7: a store of type memory, the only one with nothing to set.</summary>
public sealed record StoreConfig(string Name);
