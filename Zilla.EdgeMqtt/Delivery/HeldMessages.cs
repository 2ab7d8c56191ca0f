using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// QoS 0 messages of one client that wait for retained ones to be sent before them, in the order they came. Never more than <see cref="DeliveryOptions.HeldMessages"/>, nor, but for the
/// first, more than <see cref="DeliveryOptions.HeldBytes"/>. The dispatcher's.
/// </summary>
internal sealed class HeldMessages(DeliveryOptions options)
{
    private readonly Queue<(long Number, FeedRecord Record)> _messages = new();
    private long _bytes;

    public int Count => _messages.Count;

    /// <summary>False: more wait than may.</summary>
    /// <param name="number">As <see cref="Recipients"/> has it.</param>
    /// <param name="record">The message.</param>
    public bool TryAdd(long number, FeedRecord record)
    {
        if (_messages.Count >= options.HeldMessages || (_bytes > 0 && _bytes + record.Bytes > options.HeldBytes))
        {
            return false;
        }

        Add(number, record);
        return true;
    }

    /// <summary>Behind the others, where it has been taken from before them.</summary>
    public void Add(long number, FeedRecord record)
    {
        _messages.Enqueue((number, record));
        _bytes += record.Bytes;
    }

    /// <summary>The one that has waited longest.</summary>
    public (long Number, FeedRecord Record) Take()
    {
        var taken = _messages.Dequeue();
        _bytes -= taken.Record.Bytes;
        return taken;
    }
}
