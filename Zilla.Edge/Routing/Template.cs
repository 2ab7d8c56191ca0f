using System.Text;
using Zilla.Config.Guards;

namespace Zilla.Edge.Routing;

/// <summary>
/// Text with expressions, e.g. <c>item-${params.id}</c>; parsed once. Known expressions: <c>${params.NAME}</c>, <c>${idempotencyKey}</c>,
/// <c>${guarded['g'].identity}</c> and <c>${guarded['g'].attributes.a}</c> (reference §1.2). What they stand for is put in as it is and never read again.
/// </summary>
public sealed class Template
{
    private const string Open = "${";
    private const string Parameters = "params.";
    private const string IdempotencyKey = "idempotencyKey";

    private readonly Piece[] _pieces;

    private Template(string text, Piece[] pieces) => (Text, _pieces) = (text, pieces);

    public string Text { get; }

    /// <summary>It renders to the same text always.</summary>
    public bool IsLiteral => Array.TrueForAll(_pieces, p => p.Kind == PieceKind.Literal);

    /// <summary>Compiles <paramref name="text"/>, which may use the given parameters.</summary>
    /// <exception cref="FormatException">An expression is unknown, not closed, or names a parameter that is not bound.</exception>
    public static Template Compile(string text, IReadOnlyCollection<string> parameters, bool idempotencyKey = false)
    {
        var pieces = new List<Piece>();
        var at = 0;
        while (text.IndexOf(Open, at, StringComparison.Ordinal) is var open and >= 0)
        {
            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                throw new FormatException($"'{text}': '{Open}' is not closed");
            }

            if (open > at)
            {
                pieces.Add(new(PieceKind.Literal, text[at..open]));
            }

            pieces.Add(Expression(text, text[(open + Open.Length)..close], parameters, idempotencyKey));
            at = close + 1;
        }

        if (at < text.Length)
        {
            pieces.Add(new(PieceKind.Literal, text[at..]));
        }

        return new Template(text, [.. pieces]);
    }

    public string Render(PathParameters parameters, string? idempotencyKey = null)
    {
        if (_pieces is [var only])
        {
            return Value(only, parameters, idempotencyKey);
        }

        var text = new StringBuilder();
        foreach (var piece in _pieces)
        {
            text.Append(Value(piece, parameters, idempotencyKey));
        }

        return text.ToString();
    }

    public byte[] RenderUtf8(PathParameters parameters, string? idempotencyKey = null) => Encoding.UTF8.GetBytes(Render(parameters, idempotencyKey));

    public override string ToString() => Text;

    private static Piece Expression(string text, string expression, IReadOnlyCollection<string> parameters, bool idempotencyKey)
    {
        if (expression == IdempotencyKey && idempotencyKey)
        {
            return new(PieceKind.IdempotencyKey, expression);
        }

        if (GuardedExpression.TryParse(expression) is { } guarded)
        {
            return new(PieceKind.Guarded, expression, guarded);
        }

        if (!expression.StartsWith(Parameters, StringComparison.Ordinal))
        {
            throw new FormatException($"'{text}': '{Open}{expression}}}' is not an expression that is known here");
        }

        var name = expression[Parameters.Length..];
        return parameters.Contains(name)
            ? new(PieceKind.Parameter, name)
            : throw new FormatException($"'{text}': no path of the route binds '{name}'");
    }

    private static string Value(Piece piece, PathParameters parameters, string? idempotencyKey) => piece.Kind switch
    {
        PieceKind.Parameter => parameters[piece.Text] ?? "",
        PieceKind.IdempotencyKey => idempotencyKey ?? "",

        // The route has been taken for a client that has it: an empty text in its place might stand for everybody.
        PieceKind.Guarded => parameters[piece.Guarded!] ?? throw new InvalidOperationException($"{piece.Text} stands for nothing"),
        _ => piece.Text,
    };

    private enum PieceKind
    {
        Literal,
        Parameter,
        IdempotencyKey,
        Guarded,
    }

    private readonly record struct Piece(PieceKind Kind, string Text, GuardedExpression? Guarded = null);
}
