using System.Globalization;
using System.Text;

namespace Zilla.EdgeGrpc.Json;

/// <summary>Where in a text somebody is who reads it: <c>$.items[2].price</c>. It becomes text only where something is wrong: names are the client's, and may be as long as its message.</summary>
internal sealed class JsonPath
{
    /// <summary>Characters of a name that are shown.</summary>
    private const int Shown = 64;

    private readonly List<(string? Name, int Index)> _steps = [];

    public void Enter(string name) => _steps.Add((name, 0));

    public void Enter(int index) => _steps.Add((null, index));

    public void Leave() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>The beginning of a text of the client's, for a message.</summary>
    public static string Show(string text) => text.Length <= Shown ? text : string.Concat(text.AsSpan(0, Shown), "…");

    public override string ToString()
    {
        var text = new StringBuilder("$");
        foreach (var (name, index) in _steps)
        {
            _ = name is null ? text.Append(CultureInfo.InvariantCulture, $"[{index}]") : text.Append('.').Append(Show(name));
        }

        return text.ToString();
    }
}
