using System.Collections;

namespace Zilla.AppHost.Hosting.Publishing.Yaml;

/// <summary>A mapping that keeps its order. An entry whose value is null is left out.</summary>
internal sealed class YamlMap : IEnumerable<KeyValuePair<string, object>>
{
    private readonly OrderedDictionary<string, object> _entries = new(StringComparer.Ordinal);

    public int Count => _entries.Count;

    /// <param name="key">New.</param>
    /// <param name="value">A string, bool or int, a <see cref="YamlMap"/>, or a list of those.</param>
    public void Add(string key, object? value)
    {
        if (value is not null)
        {
            _entries.Add(key, value);
        }
    }

    /// <summary>This map, or null if there is nothing in it.</summary>
    public YamlMap? OrNull() => Count > 0 ? this : null;

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
