using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>Which topics a client's aliases stand for (§3.3.2.3.4), on one connection.</summary>
/// <param name="maximum">What CONNACK said.</param>
internal sealed class InboundAliases(int maximum)
{
    private byte[]?[] _topics = [];

    /// <summary>Takes up what the packet says, and puts the topic in that it leaves out. False: the alias is not one, or stands for nothing.</summary>
    public bool TryResolve(ref PublishPacket packet)
    {
        if (packet.Properties.IsEmpty || packet.Properties.TopicAlias is not { } alias)
        {
            return true;
        }

        if (alias == 0 || alias > maximum)
        {
            return false;
        }

        if (!packet.Topic.IsEmpty)
        {
            Keep(alias, packet.Topic.Span);
            return true;
        }

        if (alias > _topics.Length || _topics[alias - 1] is not { } topic)
        {
            return false;
        }

        packet = packet with { Topic = new(topic) };
        return true;
    }

    private void Keep(int alias, ReadOnlySpan<byte> topic)
    {
        if (alias > _topics.Length)
        {
            Array.Resize(ref _topics, Math.Min(maximum, Math.Max(alias, 2 * _topics.Length)));
        }

        // Clients repeat themselves.
        if (_topics[alias - 1] is not { } known || !topic.SequenceEqual(known))
        {
            _topics[alias - 1] = topic.ToArray();
        }
    }
}
