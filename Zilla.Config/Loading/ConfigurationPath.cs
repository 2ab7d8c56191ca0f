using System.Globalization;

namespace Zilla.Config.Loading;

/// <summary>Where in <c>zilla.yaml</c> something stands: <c>bindings.north_tcp_server.routes[0].exit</c>.</summary>
internal sealed class ConfigurationPath
{
    public static readonly ConfigurationPath Root = new(null, null, 0);

    private ConfigurationPath(ConfigurationPath? parent, string? key, int index) => (Parent, Key, Index) = (parent, key, index);

    /// <summary>Null for the root.</summary>
    public ConfigurationPath? Parent { get; }

    /// <summary>Null for an element of a list.</summary>
    public string? Key { get; }

    public int Index { get; }

    public static ConfigurationPath operator /(ConfigurationPath parent, string key) => new(parent, key, 0);

    public static ConfigurationPath operator /(ConfigurationPath parent, int index) => new(parent, null, index);

    /// <summary>From the root to this.</summary>
    public IEnumerable<ConfigurationPath> Steps => Parent is null ? [] : Parent.Steps.Append(this);

    public override string ToString() => Parent is null ? ""
        : Key is null ? $"{Parent}[{Index.ToString(CultureInfo.InvariantCulture)}]"
        : Key.AsSpan().ContainsAny('.', '[') ? $"{Parent}['{Key}']"
        : Parent.Parent is null ? Key
        : $"{Parent}.{Key}";
}
