using System.Text.RegularExpressions;
using Zilla.Testing;

namespace Zilla.Config.Tests.Reference;

/// <summary><c>docs/config-reference.md</c>: its tables, section by section.</summary>
internal static partial class ReferencePage
{
    /// <summary>In the order of the page; what stands under <c>## Bindings</c> itself is in each binding's section.</summary>
    public static IReadOnlyList<ReferenceSection> Sections { get; } = Read();

    /// <summary>The names in backticks of the line under a <c>##</c> heading that begins with <paramref name="start"/>.</summary>
    public static IReadOnlyList<string> NamesBelow(string heading, string start)
    {
        var line = Lines().SkipWhile(line => line != "## " + heading).First(line => line.Contains(start, StringComparison.Ordinal));
        var text = line[(line.IndexOf(start, StringComparison.Ordinal) + start.Length)..];
        return [.. Quoted().Matches(text.Contains(". ", StringComparison.Ordinal) ? text[..text.IndexOf(". ", StringComparison.Ordinal)] : text).Select(match => match.Groups[1].Value)];
    }

    private static string[] Lines() => File.ReadAllLines(Path.Combine(Repository.Root, "docs", "config-reference.md"));

    private static List<ReferenceSection> Read()
    {
        var sections = new List<ReferenceSection>();
        var (heading, common) = ("", new List<ReferenceKey>());
        ReferenceSection? section = null;
        foreach (var line in Lines())
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                heading = line[3..];
                section = heading is "The file" or "Telemetry" or "Bindings" ? new(heading, "", []) : null;
                if (section is not null && heading != "Bindings")
                {
                    sections.Add(section);
                }
            }
            else if (line.StartsWith("### ", StringComparison.Ordinal))
            {
                if (heading == "Bindings" && common.Count == 0)
                {
                    common.AddRange(section!.Keys);
                }

                section = new(heading, line[4..], heading == "Bindings" ? [.. common] : []);
                sections.Add(section);
            }
            else if (section is not null && line.StartsWith("| `", StringComparison.Ordinal))
            {
                section.Keys.AddRange(ReferenceKey.Of(line));
            }
        }

        return sections;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}

/// <param name="Heading">Of the page: <c>Guards</c>.</param>
/// <param name="Type">Of the entry, with the kind of a binding: <c>tcp server</c>. Empty where entries have none.</param>
/// <param name="Keys">Of its table.</param>
internal sealed record ReferenceSection(string Heading, string Type, List<ReferenceKey> Keys)
{
    /// <summary>Where an entry of this section stands in a file, with a dot at its end; empty for the file itself.</summary>
    public string Place => Heading switch
    {
        "The file" => "",
        "Telemetry" => "telemetry.",
        "Exporters" => "telemetry.exporters.subject.",
        _ => Heading.ToLowerInvariant() + ".subject.",
    };

    /// <summary>Every mapping that its keys stand in.</summary>
    public IEnumerable<string> Mappings => Keys.SelectMany(key => key.Parents).Distinct();

    public override string ToString() => $"{Heading} {Type}";
}
