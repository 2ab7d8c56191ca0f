namespace Zilla.AppHost.Hosting.Arguments;

/// <summary>Splits a command line into switches and their values.</summary>
internal sealed class SwitchReader
{
    /// <summary>A word, not a switch: it can only come first.</summary>
    public const string Publish = "publish";

    private static readonly string[] Flags = ["--help", "--no-dashboard", Publish];
    private static readonly string[] WithValue = ["--config", "--kafka", "--replicas", "--dashboard-port", "--orchestrator", "--state", "--output", "--publisher", "--output-path"];

    private readonly List<(string Name, string Value)> _switches = [];

    /// <exception cref="FormatException">An argument is unknown, or lacks its value, or has one it should not.</exception>
    public SwitchReader(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i] : args[i][..equals];
            name = name is "-h" or "-?" ? "--help" : name;
            if (Flags.Contains(name) && equals < 0 && (i == 0 || name != Publish))
            {
                _switches.Add((name, ""));
            }
            else if (!WithValue.Contains(name))
            {
                throw new FormatException($"Unknown argument '{args[i]}'; --help lists them all.");
            }
            else if (equals >= 0)
            {
                _switches.Add((name, args[i][(equals + 1)..]));
            }
            else if (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                _switches.Add((name, args[++i]));
            }
            else
            {
                throw new FormatException($"{name} needs a value; --help says which.");
            }
        }
    }

    public bool Has(string name) => _switches.Any(s => s.Name == name);

    public string? Last(string name) => All(name).LastOrDefault();

    public IReadOnlyList<string> All(string name) => [.. _switches.Where(s => s.Name == name).Select(s => s.Value)];
}
