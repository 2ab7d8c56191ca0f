using System.Text;

namespace Zilla.Config.Validation;

/// <summary>A topic filter of MQTT as routes have it: <c>+</c> stands for one level, <c>#</c> for all that follow, <c>{name}</c> for one level that it names.</summary>
internal static class TopicPattern
{
    /// <summary>In bytes: MQTT can say no more.</summary>
    private const int Longest = ushort.MaxValue;

    /// <summary>The names it binds; <paramref name="problem"/> says why it is none, else it is null.</summary>
    public static IReadOnlyList<string> Parameters(string filter, out string? problem)
    {
        var names = new List<string>();
        problem = filter.Contains('\0', StringComparison.Ordinal) ? "a topic filter holds no U+0000"
            : Encoding.UTF8.GetByteCount(filter) > Longest ? $"a topic filter has at most {Longest} bytes"
            : null;
        var levels = filter.Split('/');
        foreach (var (index, level) in levels.Index())
        {
            var isParameter = level.Length > 2 && level.StartsWith('{') && level.EndsWith('}');
            var name = isParameter ? level[1..^1] : "";
            problem ??= isParameter && !PathPattern.IsName(name) ? $"'{level}' is no parameter: letters, digits, '_' and '-' only"
                : isParameter && names.Contains(name) ? $"'{level}' is bound twice"
                : !isParameter && level.AsSpan().ContainsAny('{', '}') ? $"a parameter takes a whole level, found '{level}'"
                : level.Contains('+', StringComparison.Ordinal) && level != "+" ? $"'+' stands for a whole level, found '{level}'"
                : level.Contains('#', StringComparison.Ordinal) && (level != "#" || index < levels.Length - 1) ? "'#' stands for the last levels, whole ones"
                : null;
            if (isParameter)
            {
                names.Add(name);
            }
        }

        return names;
    }
}
