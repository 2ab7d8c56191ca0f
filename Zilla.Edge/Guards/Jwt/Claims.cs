using System.Text.Json;

namespace Zilla.Edge.Guards.Jwt;

/// <summary>
/// A token's payload. A claim is named by its name or by a path to it, <c>realm_access.roles</c>; a name that itself holds dots goes before a path.
/// </summary>
internal readonly struct Claims(JsonElement payload)
{
    /// <summary>A text, number or truth value as text; null: there is none, or it is empty or something else.</summary>
    public string? Text(string path) => Find(path) switch
    {
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } value => value,
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } other => other.GetRawText(),
        _ => null,
    };

    /// <summary>Texts of a list, or the words of a text.</summary>
    public IReadOnlySet<string> Words(string path)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        if (Find(path) is not { } claim)
        {
            return words;
        }

        if (claim.ValueKind == JsonValueKind.String)
        {
            words.UnionWith(claim.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        else if (claim.ValueKind == JsonValueKind.Array)
        {
            words.UnionWith(claim.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!));
        }

        return words;
    }

    /// <summary>Whether a claim is that text, or a list with it.</summary>
    public bool Holds(string name, string wanted) => Find(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.ValueEquals(wanted),
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(wanted)),
        _ => false,
    };

    /// <summary>A NumericDate (RFC 7519 §2).</summary>
    /// <param name="name">Of the claim.</param>
    /// <param name="time">Null if the claim is absent; at the ends of what can be told if it lies beyond.</param>
    /// <returns>False: the claim is no number.</returns>
    public bool TryTime(string name, out DateTimeOffset? time)
    {
        time = null;
        if (Find(name) is not { } claim)
        {
            return true;
        }

        if (claim.ValueKind != JsonValueKind.Number || !claim.TryGetDouble(out var seconds) || !double.IsFinite(seconds))
        {
            return false;
        }

        time = DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(seconds, 0, 250_000_000_000));
        return true;
    }

    private JsonElement? Find(string path)
    {
        if (payload.TryGetProperty(path, out var named))
        {
            return named;
        }

        var found = payload;
        foreach (var step in path.Split('.'))
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(step, out found))
            {
                return null;
            }
        }

        return found;
    }
}
