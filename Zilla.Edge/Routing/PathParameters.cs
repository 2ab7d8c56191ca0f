namespace Zilla.Edge.Routing;

/// <summary>What the names of a <see cref="PathPattern"/> were bound to; few, so a list.</summary>
public sealed class PathParameters(IReadOnlyList<KeyValuePair<string, string>> values)
{
    public static PathParameters None { get; } = new([]);

    public int Count => values.Count;

    /// <summary>The value as it stood in the path (not percent-decoded), or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in values)
            {
                if (string.Equals(key, name, StringComparison.Ordinal))
                {
                    return value;
                }
            }

            return null;
        }
    }
}
