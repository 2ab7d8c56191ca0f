using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Zilla.Config.Yaml;

/// <summary>
/// Reads one YAML document into nodes that know their place. A configuration may come from a URL, so everything is bounded: the text, the
/// nesting, and the number of nodes and their characters with every alias counted as a copy of what it stands for.
/// </summary>
internal sealed class YamlDocument
{
    public const int MaxCharacters = 1024 * 1024;
    public const int MaxDepth = 64;
    public const int MaxNodes = 200_000;
    public const int MaxExpandedCharacters = 4 * 1024 * 1024;

    private readonly Parser _parser;
    private readonly Func<string, YamlMark, string> _substitute;
    private readonly Action<YamlMark, string> _report;
    private readonly Dictionary<string, (YamlNode Node, int Nodes, int Characters)> _anchors = new(StringComparer.Ordinal);
    private int _nodes;
    private int _characters;

    private YamlDocument(string text, Func<string, YamlMark, string> substitute, Action<YamlMark, string> report)
    {
        _parser = new Parser(new StringReader(text));
        (_substitute, _report) = (substitute, report);
    }

    /// <param name="text">The whole file.</param>
    /// <param name="substitute">Gives the text that stands for a scalar's raw text.</param>
    /// <param name="report">Told of mistakes that leave the rest of the document readable, such as a key given twice.</param>
    /// <returns>The root; null if the document is empty.</returns>
    /// <exception cref="YamlRefusedException">No YAML, several documents, or too much of it.</exception>
    public static YamlNode? Read(string text, Func<string, YamlMark, string> substitute, Action<YamlMark, string> report)
    {
        if (text.Length > MaxCharacters)
        {
            throw new YamlRefusedException(new YamlMark(1, 1), $"the file is larger than {MaxCharacters} characters");
        }

        try
        {
            return new YamlDocument(text, substitute, report).Read();
        }
        catch (YamlException problem)
        {
            throw new YamlRefusedException(Position(problem.Start), $"not valid YAML: {problem.Message}");
        }
    }

    private YamlNode? Read()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = Node(1);
        _parser.Consume<DocumentEnd>();
        return _parser.Accept<DocumentStart>(out var second)
            ? throw new YamlRefusedException(Position(second.Start), "the file holds a second document")
            : root is YamlScalar { IsNull: true } ? null : root;
    }

    private YamlNode Node(int depth)
    {
        var next = _parser.Current ?? throw new YamlRefusedException(new YamlMark(1, 1), "the file ends too early");
        var mark = Position(next.Start);
        if (depth > MaxDepth)
        {
            throw new YamlRefusedException(mark, $"nested deeper than {MaxDepth} levels");
        }

        var (nodes, characters) = (_nodes, _characters);
        Count(1, 0, mark);
        var node = next switch
        {
            Scalar => Text(_parser.Consume<Scalar>()),
            SequenceStart => Sequence(mark, depth),
            MappingStart => Mapping(mark, depth),
            AnchorAlias => Alias(_parser.Consume<AnchorAlias>()),
            _ => throw new YamlRefusedException(mark, "not valid YAML here"),
        };
        if (next is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor.Value] = (node, _nodes - nodes, _characters - characters);
        }

        return node;
    }

    private YamlScalar Text(Scalar scalar)
    {
        var mark = Position(scalar.Start);
        var isNull = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null";
        var text = isNull ? "" : _substitute(scalar.Value, mark);
        Count(0, text.Length, mark);
        return new YamlScalar(mark, scalar.Value, text, isNull) { From = (int)scalar.Start.Index, To = (int)scalar.End.Index };
    }

    private YamlSequence Sequence(YamlMark mark, int depth)
    {
        _parser.Consume<SequenceStart>();
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(depth + 1));
        }

        return new YamlSequence(mark, items);
    }

    private YamlMapping Mapping(YamlMark mark, int depth)
    {
        _parser.Consume<MappingStart>();
        var entries = new List<YamlEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(depth + 1);
            var value = Node(depth + 1);
            if (key is not YamlScalar { IsNull: false } name)
            {
                _report(key.Start, $"a key has to be text, not {key.Describe}");
            }
            else if (!keys.Add(name.Text))
            {
                _report(name.Start, $"the key {name.Describe} is given twice");
            }
            else
            {
                entries.Add(new YamlEntry(name, value));
            }
        }

        return new YamlMapping(mark, entries);
    }

    private YamlNode Alias(AnchorAlias alias)
    {
        var mark = Position(alias.Start);
        if (!_anchors.TryGetValue(alias.Value.Value, out var target))
        {
            throw new YamlRefusedException(mark, $"the alias '*{alias.Value.Value}' has no anchor before it");
        }

        Count(target.Nodes, target.Characters, mark);
        return target.Node;
    }

    private void Count(int nodes, int characters, YamlMark mark)
    {
        (_nodes, _characters) = (_nodes + nodes, _characters + characters);
        if (_nodes > MaxNodes)
        {
            throw new YamlRefusedException(mark, $"more than {MaxNodes} values, aliases counted as what they stand for");
        }

        if (_characters > MaxExpandedCharacters)
        {
            throw new YamlRefusedException(mark, $"more than {MaxExpandedCharacters} characters, aliases counted as what they stand for");
        }
    }

    private static YamlMark Position(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
