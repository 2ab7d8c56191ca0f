namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Values by topic filter (§4.7), found by topic name: looking up costs as much as there are levels and matches, however many filters there are. Works on UTF-8
/// bytes and allocates nothing where it matches. Not safe for several threads.
/// </summary>
/// <remarks>
/// <code>
/// home ─┬─ kitchen ─┬─ light   home/kitchen/light     each level literal, or
///       │           └─ #       home/kitchen/#         + for any one,
///       └─ + ─── light         home/+/light           # for all that follow, or none
/// </code>
/// </remarks>
internal sealed class TopicFilterTree<T>
{
    private readonly Node _root = new(null, []);

    public int Count { get; private set; }

    /// <summary>Whether a filter is not too deep: matching goes as deep as filters do, on the stack.</summary>
    public static bool Holds(ReadOnlySpan<byte> filter) => filter.Count((byte)'/') < TopicFilterTree.MaxLevels;

    /// <summary>Adds a value; the same filter may have any number.</summary>
    /// <param name="filter">Well formed, without its <c>$share</c> prefix.</param>
    /// <param name="value">What matching topics find.</param>
    /// <returns>For <see cref="Remove"/>.</returns>
    /// <exception cref="ArgumentException">The filter has too many levels.</exception>
    public Place Add(ReadOnlySpan<byte> filter, T value)
    {
        if (!Holds(filter))
        {
            throw new ArgumentException($"A topic filter has at most {TopicFilterTree.MaxLevels} levels.", nameof(filter));
        }

        var node = _root;
        foreach (var range in filter.Split((byte)'/'))
        {
            node = node.Descend(filter[range]);
        }

        Count++;
        var place = new Place(node, node.Values.Count, value);
        node.Values.Add(place);
        return place;
    }

    /// <summary>Takes a value out, once.</summary>
    public void Remove(Place place)
    {
        Count--;
        var (node, values) = (place.Node, place.Node.Values);
        var last = values[^1];
        (values[place.Index], last.Index) = (last, place.Index);
        values.RemoveAt(values.Count - 1);
        for (; node.IsEmpty && node.Parent is { } parent; node = parent)
        {
            parent.Drop(node);
        }
    }

    /// <summary>Adds to <paramref name="found"/> the values of all filters that match: one that has several that do comes as often.</summary>
    public void Match(ReadOnlySpan<byte> topic, List<T> found)
    {
        // [MQTT-4.7.2-1] A wildcard at the first level does not match topics that begin with "$".
        var isHidden = topic.Length > 0 && topic[0] == '$';
        Match(_root, topic, isAtEnd: false, !isHidden, found);
    }

    private static void Match(Node node, ReadOnlySpan<byte> rest, bool isAtEnd, bool withWildcards, List<T> found)
    {
        // "#" includes its parent level (§4.7.1.2).
        if (withWildcards)
        {
            node.Rest?.AddTo(found);
        }

        if (isAtEnd)
        {
            node.AddTo(found);
            return;
        }

        var end = rest.IndexOf((byte)'/');
        var level = end < 0 ? rest : rest[..end];
        var following = end < 0 ? default : rest[(end + 1)..];
        if (node.Find(level) is { } literal)
        {
            Match(literal, following, end < 0, true, found);
        }

        if (withWildcards && node.AnyOne is { } any)
        {
            Match(any, following, end < 0, true, found);
        }
    }

    /// <summary>Where a value is.</summary>
    internal sealed class Place(Node node, int index, T value)
    {
        public Node Node { get; } = node;

        public T Value { get; } = value;

        /// <summary>Among the values of its filter.</summary>
        public int Index { get; set; } = index;
    }

    /// <summary>One level of filters, below those that lead to it.</summary>
    internal sealed class Node(Node? parent, byte[] level)
    {
        private Dictionary<byte[], Node>? _literals;

        public Node? Parent { get; } = parent;

        /// <summary>Of the filters that end here.</summary>
        public List<Place> Values { get; } = [];

        /// <summary><c>+</c>.</summary>
        public Node? AnyOne { get; private set; }

        /// <summary><c>#</c>; nothing is below.</summary>
        public Node? Rest { get; private set; }

        public bool IsEmpty => Values.Count == 0 && AnyOne is null && Rest is null && _literals is null or { Count: 0 };

        public Node Descend(ReadOnlySpan<byte> to) => to switch
        {
            [(byte)'+'] => AnyOne ??= new(this, TopicFilterTree.AnyOneLevel),
            [(byte)'#'] => Rest ??= new(this, TopicFilterTree.RestLevel),
            _ => Find(to) ?? AddLiteral(to.ToArray()),
        };

        public Node? Find(ReadOnlySpan<byte> literal) =>
            _literals is not null && _literals.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(literal, out var found) ? found : null;

        public void Drop(Node child)
        {
            if (child == AnyOne)
            {
                AnyOne = null;
            }
            else if (child == Rest)
            {
                Rest = null;
            }
            else if (_literals!.Remove(child.Level) && _literals.Count == 0)
            {
                _literals = null;
            }
        }

        public void AddTo(List<T> found)
        {
            foreach (var place in Values)
            {
                found.Add(place.Value);
            }
        }

        private byte[] Level { get; } = level;

        private Node AddLiteral(byte[] to) => (_literals ??= new(1, LevelComparer.Instance))[to] = new(this, to);
    }
}

/// <summary>What all trees have in common.</summary>
internal static class TopicFilterTree
{
    /// <summary>Of a filter; as many elements as a fetch's header sequence may have (kafka.proto).</summary>
    public const int MaxLevels = Zilla.Streams.Kafka.KafkaFilterLimits.Elements;

    public static byte[] AnyOneLevel { get; } = "+"u8.ToArray();

    public static byte[] RestLevel { get; } = "#"u8.ToArray();
}
