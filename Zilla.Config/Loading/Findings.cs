using Zilla.Config.Yaml;

namespace Zilla.Config.Loading;

/// <summary>
/// Collects mistakes and knows where in the text they are. A hostile file can hold very many; past <see cref="Max"/> they are only counted.
/// </summary>
internal sealed class Findings
{
    public const int Max = 500;

    private readonly HashSet<ConfigurationError> _errors = [];
    private readonly HashSet<YamlMark> _unknown = [];
    private YamlNode? _root;
    private int _dropped;

    public SecretPlaces Secrets { get; } = new();

    public bool Any => _errors.Count > 0;

    /// <summary>What paths are looked up in.</summary>
    public void LookUpIn(YamlNode root) => _root = root;

    /// <summary>Reports that nobody can tell what the value at <paramref name="mark"/> is; what else is wrong with it is not reported then.</summary>
    public void ReportUnknown(YamlMark mark, string message)
    {
        Report(mark, ConfigurationPath.Root, message);
        _unknown.Add(mark);
    }

    public void Report(YamlMark mark, ConfigurationPath path, string message)
    {
        if (_unknown.Contains(mark))
        {
            return;
        }

        if (_errors.Count < Max)
        {
            _errors.Add(new ConfigurationError(mark.Line, mark.Column, path.ToString(), message));
        }
        else
        {
            _dropped++;
        }
    }

    /// <summary>The place is that of the value if it is a single one, else of its key; of the nearest parent if there is no such path.</summary>
    public void Report(ConfigurationPath path, string message) => Report(Find(path), path, message);

    /// <summary>See <see cref="Suggestion.For"/>; nothing once there are more mistakes than are listed.</summary>
    public string Suggest(string word, IEnumerable<string> candidates) => _errors.Count < Max ? Suggestion.For(word, candidates) : "";

    public IReadOnlyList<ConfigurationError> Sorted()
    {
        var sorted = _errors.OrderBy(error => error.Line).ThenBy(error => error.Column).ThenBy(error => error.Path, StringComparer.Ordinal).ToList();
        if (_dropped > 0)
        {
            sorted.Add(sorted[^1] with { Path = "", Message = $"and {_dropped} more mistakes" });
        }

        return sorted;
    }

    private YamlMark Find(ConfigurationPath path)
    {
        var node = _root;
        var mark = node?.Start ?? new YamlMark(1, 1);
        foreach (var step in path.Steps)
        {
            if (node is YamlMapping mapping && step.Key is { } key && mapping.Find(key) is { } entry)
            {
                (node, mark) = (entry.Value, entry.Value is YamlScalar { IsNull: false } scalar ? scalar.Start : entry.Key.Start);
            }
            else if (node is YamlSequence sequence && step.Key is null && step.Index < sequence.Items.Count)
            {
                node = sequence.Items[step.Index];
                mark = node.Start;
            }
            else
            {
                break;
            }
        }

        return mark;
    }
}
