using System.Text;
using Zilla.Edge.Routing;

namespace Zilla.EdgeMqtt.Mapping;

/// <summary>
/// A topic filter of an mqtt-kafka binding, in which <c>{name}</c> stands for one level and binds it. Knows which topics it matches, and which filters have
/// topics in common with it.
/// </summary>
/// <remarks>
/// <code>
/// pattern       matches          binds     has in common with      not
/// a/{x}/+       a/b/c            x=b       a/#  +/b/+  a/b/c       a/b  b/#
/// a/#           a  a/b  a/b/c              a  +/b  #               b/+  $SYS/#
/// </code>
/// </remarks>
internal sealed class RoutePattern
{
    private readonly Level[] _levels;

    /// <param name="filter">Well formed; a rule of the configuration.</param>
    public RoutePattern(string filter) => _levels = [.. filter.Split('/').Select(level => level switch
    {
        "#" => new Level { IsRest = true },
        "+" => new Level(),
        ['{', _, .., '}'] => new Level { Name = level[1..^1] },
        _ => new Level { Literal = Encoding.UTF8.GetBytes(level) },
    })];

    public IEnumerable<string> Names => _levels.Where(level => level.Name is not null).Select(level => level.Name!);

    public bool Matches(ReadOnlySpan<byte> topic)
    {
        var at = 0;
        foreach (var range in topic.Split((byte)'/'))
        {
            if (at == _levels.Length)
            {
                return false;
            }

            ref readonly var level = ref _levels[at];
            if (level.IsRest)
            {
                return true;
            }

            if (level.Literal is { } literal && !topic[range].SequenceEqual(literal))
            {
                return false;
            }

            at++;
        }

        return at == _levels.Length || (at == _levels.Length - 1 && _levels[at].IsRest);
    }

    /// <summary>Whether a topic may match both.</summary>
    /// <param name="filter">A topic filter of a client, without its <c>$share</c> prefix.</param>
    public bool Meets(ReadOnlySpan<byte> filter)
    {
        var at = 0;
        foreach (var range in filter.Split((byte)'/'))
        {
            var part = filter[range];
            var isRest = part is [(byte)'#'];
            if (at == _levels.Length)
            {
                return isRest;
            }

            ref readonly var level = ref _levels[at];
            var isWild = isRest || part is [(byte)'+'];

            // [MQTT-4.7.2-1] wildcards at the beginning do not match topics with $.
            if (at == 0 && ((isWild && level.Literal is [(byte)'$', ..]) || (level.Literal is null && part is [(byte)'$', ..])))
            {
                return false;
            }

            if (isRest || level.IsRest)
            {
                return true;
            }

            if (!isWild && level.Literal is { } literal && !part.SequenceEqual(literal))
            {
                return false;
            }

            at++;
        }

        return at == _levels.Length || (at == _levels.Length - 1 && _levels[at].IsRest);
    }

    /// <summary>Where the level of a name lies in a topic that matches; false: the pattern does not bind it.</summary>
    public bool TryFind(ReadOnlySpan<byte> topic, string name, out Range level)
    {
        var at = 0;
        foreach (var range in topic.Split((byte)'/'))
        {
            if (at < _levels.Length && _levels[at++].Name == name)
            {
                level = range;
                return true;
            }
        }

        level = default;
        return false;
    }

    /// <summary>What the names stand for in a topic that matches, or in a filter that meets it: null where a wildcard of the filter leaves one open.</summary>
    public PathParameters? Bind(ReadOnlySpan<byte> topicOrFilter)
    {
        List<KeyValuePair<string, string>>? bound = null;
        var (at, isOpen) = (0, false);
        foreach (var range in topicOrFilter.Split((byte)'/'))
        {
            var part = topicOrFilter[range];
            isOpen |= part is [(byte)'#'];
            if (at < _levels.Length && _levels[at++].Name is { } name)
            {
                if (isOpen || part is [(byte)'+'])
                {
                    return null;
                }

                (bound ??= []).Add(new(name, Encoding.UTF8.GetString(part)));
            }
        }

        return bound?.Count is not { } count ? Names.Any() ? null : PathParameters.None : count == Names.Count() ? new(bound) : null;
    }

    private readonly struct Level
    {
        /// <summary>Null: anything.</summary>
        public byte[]? Literal { get; init; }

        public string? Name { get; init; }

        public bool IsRest { get; init; }
    }
}
