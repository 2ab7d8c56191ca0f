using System.Text;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.V1;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Has one client take part in the groups of shared subscriptions (§4.8.2): one for each topic of Kafka that the filter reads. What a group gives waits until what the session had under way is sent.</summary>
internal sealed class ShareGroups(ISession session, ReadOnlyMemory<byte> clientId, IPacketOutput output, ClientSender sender, DeliveryOptions options, Func<Task> resumed)
{
    /// <summary>Returns when the client takes part: from then on records are kept for it. It is sent them once the reader is started.</summary>
    /// <exception cref="SessionRefusedException">It will not.</exception>
    public async Task<ShareReader> JoinAsync(FilterOptions filter, TopicName topic, CancellationToken cancellationToken)
    {
        var message = new MqttShare
        {
            Name = filter.Filter.ShareName.ToString(),
            Filter = filter.Filter.Filter.ToString(),
            Topic = topic.Topic,
            ClientId = Encoding.UTF8.GetString(clientId.Span),
            InFlight = (uint)Math.Min(options.ShareInFlight, output.ReceiveMaximum),
        };
        message.Filters.Add(MessageFilters.Of([filter.Filter.Filter], withoutQoS0: false).Select(f => f.ToMessage()));
        return new(await session.ShareAsync(message, cancellationToken), topic.Topic, filter, sender, resumed);
    }

    /// <summary>Joins all groups of a subscription that the session has, or ends the connection.</summary>
    public async Task JoinAgainAsync(ClientSubscription subscription)
    {
        try
        {
            foreach (var topic in subscription.Topics)
            {
                var share = await JoinAsync(subscription.Options, topic, sender.Ended);
                subscription.Shares.Add(share);
                share.Start();
            }
        }
        catch (Exception e)
        {
            sender.Fail(e);
        }
    }
}
