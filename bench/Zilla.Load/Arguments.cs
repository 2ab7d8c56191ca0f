using System.Globalization;

namespace Zilla.Load;

/// <summary>The command line behind the command: <c>--name value</c> pairs.</summary>
internal sealed class Arguments
{
    private readonly List<(string Name, string Value)> _pairs = [];

    /// <exception cref="FormatException">A name without <c>--</c>, or without a value.</exception>
    public Arguments(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Count)
            {
                throw new FormatException($"Expected --name value, found '{args[i]}'.");
            }

            _pairs.Add((args[i][2..], args[i + 1]));
        }
    }

    public IEnumerable<string> All(string name) => _pairs.Where(p => p.Name == name).Select(p => p.Value);

    public string? Find(string name) => All(name).LastOrDefault();

    public string Text(string name, string? fallback = null) => Find(name) ?? fallback ?? throw new FormatException($"--{name} is missing.");

    public int Number(string name, int fallback) => Find(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

    public TimeSpan Seconds(string name, double fallback) =>
        TimeSpan.FromSeconds(Find(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : fallback);
}
