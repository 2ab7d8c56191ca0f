using Zilla.Config.Guards;
using Zilla.Edge.Guards;

namespace Zilla.Edge.Routing;

/// <summary>
/// What the names of a <see cref="PathPattern"/> were bound to (few, so a list), and what guards have granted the client that asks: all that the
/// expressions of a route can stand for.
/// </summary>
public sealed class PathParameters(IReadOnlyList<KeyValuePair<string, string>> values)
{
    private Grants _grants = Grants.None;
    private bool _escaped;

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

    /// <summary>Who the client is, or an attribute of it; null: not known.</summary>
    public string? this[GuardedExpression expression] => _grants[expression] is { } value ? _escaped ? Uri.EscapeDataString(value) : value : null;

    public PathParameters With(Grants grants) => grants == Grants.None ? this : new(values) { _grants = grants };

    /// <summary>The same for URLs and header lines: what guards say is percent-encoded, as what stood in the path is already.</summary>
    public PathParameters Escaped() => _grants == Grants.None ? this : new(values) { _grants = _grants, _escaped = true };
}
