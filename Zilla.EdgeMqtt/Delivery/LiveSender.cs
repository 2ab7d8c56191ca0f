using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Sends clients what they are sent with QoS 0: at once, or behind the retained messages of their subscriptions. Messages of one MQTT topic overtake each other neither way: what waits for a
/// subscription goes when the subscription is let go of, before anything that comes later. Under the dispatcher's lock.
/// </summary>
internal sealed class LiveSender(Recipients recipients, DeliveryOptions options, TimeProvider time)
{
    private readonly SharedPublish _publish = new(time);

    /// <summary>From now on it is about this message, until <see cref="End"/>.</summary>
    public void Start(in OutgoingMessage message) => _publish.Start(message);

    /// <param name="client">One of those that the message is for.</param>
    /// <param name="record">The message.</param>
    public void Send(TopicClient client, FeedRecord record)
    {
        var (number, matches) = client.Dispatched;
        if (!matches.IsHeld || _publish.HasExpired)
        {
            _publish.Send(client.Output, matches);
        }
        else if (!(client.Held ??= new(options)).TryAdd(number, record))
        {
            DeliveryTelemetry.Dropped(DropReason.OutputFull);
        }
    }

    public void End() => _publish.End();

    /// <summary>Subscriptions of the client wait no more, or are there no more: what has none that does follows, in the order it came.</summary>
    public void SendHeld(TopicClient client)
    {
        if (client.Held is not { } held)
        {
            return;
        }

        for (var left = held.Count; left > 0; left--)
        {
            var (number, record) = held.Take();
            OutgoingMessage.TryRead(record.Record, out var message);
            var matches = recipients.Of(message, client, number);
            if (matches.IsHeld)
            {
                held.Add(number, record);
            }
            else if (matches.First is not null)
            {
                _publish.Start(message);
                _publish.Send(client.Output, matches);
                _publish.End();
            }
        }

        if (held.Count == 0)
        {
            client.Held = null;
        }
    }
}
