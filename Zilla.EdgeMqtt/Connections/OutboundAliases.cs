using System.Buffers.Binary;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>
/// Which topic has which alias towards a client (§3.3.2.3.4): the topics that were used last. For one thread at a time.
/// </summary>
/// <param name="maximum">The most aliases; at least 1.</param>
internal sealed class OutboundAliases(ushort maximum)
{
    /// <summary>What an alias adds to the properties, at most: its id and the number, and one more byte of their length.</summary>
    public const int MostBytes = 4;

    private const int PropertyBytes = 3;

    [ThreadStatic]
    private static byte[]? Scratch;

    private readonly Dictionary<MqttString, LinkedListNode<(MqttString Topic, ushort Alias)>> _aliases = [];
    private readonly LinkedList<(MqttString Topic, ushort Alias)> _used = new();

    /// <summary>The packet with an alias, and without the topic if the client knows the alias; valid until the next on the same thread. It has to be sent.</summary>
    public PublishPacket Apply(in PublishPacket packet)
    {
        var isKnown = _aliases.TryGetValue(packet.Topic, out var node);
        if (isKnown)
        {
            _used.Remove(node!);
        }
        else
        {
            node = Assign(packet.Topic);
        }

        _used.AddFirst(node!);
        return packet with { Topic = isKnown ? default : packet.Topic, Properties = WithAlias(packet.Properties, node!.Value.Alias) };
    }

    private LinkedListNode<(MqttString Topic, ushort Alias)> Assign(MqttString topic)
    {
        var alias = (ushort)(_aliases.Count + 1);
        if (_aliases.Count == maximum)
        {
            var oldest = _used.Last!.Value;
            _used.RemoveLast();
            _aliases.Remove(oldest.Topic);
            alias = oldest.Alias;
        }

        var kept = new MqttString(topic.Utf8.ToArray());
        return _aliases[kept] = new((kept, alias));
    }

    private static MqttProperties WithAlias(MqttProperties properties, ushort alias)
    {
        var length = PropertyBytes + properties.Encoded.Length;
        if (Scratch is null || Scratch.Length < length)
        {
            Scratch = new byte[Math.Max(256, length)];
        }

        Scratch[0] = (byte)PropertyId.TopicAlias;
        BinaryPrimitives.WriteUInt16BigEndian(Scratch.AsSpan(1), alias);
        properties.Encoded.Span.CopyTo(Scratch.AsSpan(PropertyBytes));
        return new(Scratch.AsMemory(0, length));
    }
}
