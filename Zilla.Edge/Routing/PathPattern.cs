namespace Zilla.Edge.Routing;

/// <summary>
/// A condition's pattern (reference §1.2), matched against a whole text: <c>*</c> stands for any characters or none, <c>{name}</c> for at
/// least one and binds them; both take as much as they can, from left to right, and span <c>/</c>. Everything else is literal and compared
/// exactly.
/// </summary>
/// <remarks>
/// Not a regular expression: which pieces can still match is worked out once per text from its end, so that matching takes at most
/// <c>pieces × characters</c> steps whatever a client sends.
/// </remarks>
public sealed class PathPattern
{
    /// <summary>Below this many cells the table of a match lives on the stack.</summary>
    private const int StackCells = 2048;

    private readonly Piece[] _pieces;
    private readonly int _minimumLength;
    private readonly bool _toleratesQuery;

    private PathPattern(string text, Piece[] pieces, bool toleratesQuery)
    {
        Text = text;
        _pieces = pieces;
        _toleratesQuery = toleratesQuery;
        Names = [.. pieces.Where(p => p.Name is not null).Select(p => p.Name!)];
        _minimumLength = pieces.Sum(p => p.Literal?.Length ?? (p.Name is null ? 0 : 1));
    }

    public string Text { get; }

    /// <summary>What the pattern binds, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Compiles <paramref name="text"/>.</summary>
    /// <exception cref="FormatException">A brace is not closed, or a name is empty, malformed or bound twice.</exception>
    public static PathPattern Compile(string text) => new(text, Parse(text), toleratesQuery: false);

    /// <summary>As the http binding compiles a <c>:path</c>: a pattern that does not end in a wildcard takes the path with any query too.</summary>
    /// <inheritdoc cref="Compile" path="/exception"/>
    public static PathPattern CompileHttpPath(string text) => new(text, Parse(text), toleratesQuery: !text.EndsWith('*'));

    public bool IsMatch(string text) => TryMatch(text, out _);

    /// <summary>Matches all of <paramref name="text"/> and gives what the names are bound to.</summary>
    public bool TryMatch(string text, out PathParameters parameters)
    {
        if (TryMatchWhole(text, out parameters))
        {
            return true;
        }

        var query = _toleratesQuery ? text.IndexOf('?') : -1;
        return query >= 0 && TryMatchWhole(text[..query], out parameters);
    }

    public override string ToString() => Text;

    private bool TryMatchWhole(string text, out PathParameters parameters)
    {
        parameters = PathParameters.None;
        if (text.Length < _minimumLength)
        {
            return false;
        }

        if (_pieces is [{ Literal: { } literal }])
        {
            return string.Equals(text, literal, StringComparison.Ordinal);
        }

        // fits[i, at]: pieces i… can match text[at…] to its end. Row after row from the last piece to the first.
        var width = text.Length + 1;
        var cells = (_pieces.Length + 1) * width;
        var fits = cells <= StackCells ? stackalloc bool[cells] : new bool[cells];
        fits[_pieces.Length * width + text.Length] = true;
        for (var i = _pieces.Length - 1; i >= 0; i--)
        {
            FillRow(_pieces[i], text, fits.Slice((i + 1) * width, width), fits.Slice(i * width, width));
        }

        if (!fits[0])
        {
            return false;
        }

        if (Names.Count > 0)
        {
            parameters = Bind(text, fits, width);
        }

        return true;
    }

    private static void FillRow(Piece piece, string text, ReadOnlySpan<bool> next, Span<bool> row)
    {
        if (piece.Literal is { } literal)
        {
            for (var at = text.Length - literal.Length; at >= 0; at--)
            {
                row[at] = next[at + literal.Length] && text.AsSpan(at).StartsWith(literal, StringComparison.Ordinal);
            }

            return;
        }

        var reachable = false;
        for (var at = text.Length; at >= 0; at--)
        {
            // `*` may take nothing, `{name}` takes at least one character.
            var beyond = reachable;
            reachable |= next[at];
            row[at] = piece.Name is null ? reachable : beyond;
        }
    }

    private PathParameters Bind(string text, ReadOnlySpan<bool> fits, int width)
    {
        var values = new List<KeyValuePair<string, string>>(Names.Count);
        var at = 0;
        for (var i = 0; i < _pieces.Length; i++)
        {
            if (_pieces[i].Literal is { } literal)
            {
                at += literal.Length;
                continue;
            }

            var end = text.Length;
            while (!fits[(i + 1) * width + end])
            {
                end--;
            }

            if (_pieces[i].Name is { } name)
            {
                values.Add(new(name, text[at..end]));
            }

            at = end;
        }

        return new PathParameters(values);
    }

    private static Piece[] Parse(string text)
    {
        var pieces = new List<Piece>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is not ('*' or '{'))
            {
                continue;
            }

            AddLiteral(start, at);
            if (text[at] == '*')
            {
                pieces.Add(default);
            }
            else
            {
                var close = text.IndexOf('}', at);
                var name = close < 0 ? throw new FormatException($"'{text}': '{{' is not closed") : text[(at + 1)..close];
                if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                {
                    throw new FormatException($"'{text}': '{{{name}}}' is not a parameter name");
                }

                if (!names.Add(name))
                {
                    throw new FormatException($"'{text}': '{{{name}}}' stands there twice");
                }

                pieces.Add(new Piece(null, name));
                at = close;
            }

            start = at + 1;
        }

        AddLiteral(start, text.Length);
        return pieces.Count > 0 ? [.. pieces] : [new Piece("", null)];

        void AddLiteral(int from, int to)
        {
            if (to > from)
            {
                pieces.Add(new Piece(text[from..to], null));
            }
        }
    }

    /// <summary>A literal, a named wildcard, or (neither) <c>*</c>.</summary>
    private readonly record struct Piece(string? Literal, string? Name);
}
