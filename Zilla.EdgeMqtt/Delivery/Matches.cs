using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>The subscriptions of one client that a message matches: it is sent once, with the highest QoS and all identifiers (§3.3.4).</summary>
internal struct Matches
{
    public LiveFilter? First { get; private set; }

    public QualityOfService Granted { get; private set; }

    public bool RetainAsPublished { get; private set; }

    public bool IsHeld { get; private set; }

    public bool HasIdentifiers { get; private set; }

    public void Add(LiveFilter filter)
    {
        var options = filter.Options;
        (filter.NextMatch, First) = (First, filter);
        Granted = options.Granted > Granted ? options.Granted : Granted;
        RetainAsPublished |= options.RetainAsPublished;
        IsHeld |= filter.IsHeld;
        HasIdentifiers |= options.Identifier != 0;
    }

    public readonly void AddIdentifiers(MqttPropertiesBuilder properties)
    {
        for (var filter = First; filter is not null; filter = filter.NextMatch)
        {
            if (filter.Options.Identifier != 0)
            {
                properties.Add(PropertyId.SubscriptionIdentifier, filter.Options.Identifier);
            }
        }
    }
}
