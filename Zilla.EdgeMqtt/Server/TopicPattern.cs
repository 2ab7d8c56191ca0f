using System.Text;
using Zilla.Config.Guards;
using Zilla.Edge.Guards;

namespace Zilla.EdgeMqtt.Server;

/// <summary>
/// A topic filter of a route, in which <c>{name}</c> stands for one level; what that level has to be may depend on who the client is. Knows which topics
/// it matches, and which filters it covers: those that match nothing that it does not.
/// </summary>
/// <remarks>
/// <code>
/// pattern          matches       not        covers          not
/// a/{x}/+          a/b/c         a/b        a/+/c           a/#
/// a/#              a  a/b/c      b          a/#  a/+  a     #
/// </code>
/// </remarks>
internal sealed class TopicPattern
{
    private readonly Level[] _levels;

    private TopicPattern(Level[] levels) => _levels = levels;

    private enum LevelKind
    {
        Literal,
        One,
        Rest,

        /// <summary>What a guard says of the client.</summary>
        Guarded,
    }

    private static ReadOnlySpan<byte> MultiWildcard => "#"u8;

    /// <param name="topic">The filter.</param>
    /// <param name="values">Name → a text, or one expression of what a guard says; names that are not here may be anything.</param>
    /// <exception cref="FormatException">A value is an expression among other text.</exception>
    public static TopicPattern Compile(string topic, IReadOnlyDictionary<string, string> values) =>
        new([.. topic.Split('/').Select(level => Parse(level, values))]);

    /// <summary>The pattern for one client; null: it lacks what a level has to be, and then nothing matches.</summary>
    public TopicPattern? For(Grants grants)
    {
        if (!_levels.Any(level => level.Kind == LevelKind.Guarded))
        {
            return this;
        }

        var levels = new Level[_levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = _levels[i];
            if (levels[i].Kind == LevelKind.Guarded)
            {
                // One that reads like a filter would open what it only names.
                if (grants[levels[i].Value!] is not { } value || value.AsSpan().ContainsAny("+#/"))
                {
                    return null;
                }

                levels[i] = new(LevelKind.Literal, Encoding.UTF8.GetBytes(value));
            }
        }

        return new(levels);
    }

    /// <param name="topic">A topic name, or a topic filter that has to be covered.</param>
    public bool Covers(ReadOnlySpan<byte> topic)
    {
        var rest = topic;
        for (var i = 0; i < _levels.Length; i++)
        {
            ref readonly var level = ref _levels[i];
            if (level.Kind == LevelKind.Rest)
            {
                return true;
            }

            var slash = rest.IndexOf((byte)'/');
            var part = slash < 0 ? rest : rest[..slash];
            if (level.Kind == LevelKind.Literal ? !part.SequenceEqual(level.Literal) : part.SequenceEqual(MultiWildcard))
            {
                return false;
            }

            if (slash < 0)
            {
                // "a/#" is also "a".
                return i + 1 == _levels.Length || (i + 2 == _levels.Length && _levels[i + 1].Kind == LevelKind.Rest);
            }

            rest = rest[(slash + 1)..];
        }

        return false;
    }

    private static Level Parse(string level, IReadOnlyDictionary<string, string> values)
    {
        if (level.Length > 2 && level[0] == '{' && level[^1] == '}')
        {
            return !values.TryGetValue(level[1..^1], out var value) ? new(LevelKind.One)
                : !value.Contains("${", StringComparison.Ordinal) ? new(LevelKind.Literal, Encoding.UTF8.GetBytes(value))
                : value.StartsWith("${", StringComparison.Ordinal) && value[^1] == '}' && GuardedExpression.TryParse(value[2..^1]) is { } expression ? new(LevelKind.Guarded) { Value = expression }
                : throw new FormatException($"'{value}' is neither a text nor one expression of what a guard says");
        }

        return level == "+" ? new(LevelKind.One) : level == "#" ? new(LevelKind.Rest) : new(LevelKind.Literal, Encoding.UTF8.GetBytes(level));
    }

    private readonly record struct Level(LevelKind Kind, byte[]? Literal = null)
    {
        public GuardedExpression? Value { get; init; }
    }
}
