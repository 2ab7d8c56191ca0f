using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>As <see cref="Matches"/>, of a message that is not sent at once: to be kept.</summary>
internal struct MatchedFilters
{
    private uint[]? _identifiers;

    public bool Any { get; private set; }

    public QualityOfService Granted { get; private set; }

    public bool RetainAsPublished { get; private set; }

    /// <summary>It has to wait: retained messages of one of them are not all sent yet.</summary>
    public bool IsHeld { get; set; }

    public void Add(FilterOptions options)
    {
        Any = true;
        Granted = options.Granted > Granted ? options.Granted : Granted;
        RetainAsPublished |= options.RetainAsPublished;
        if (options.Identifier != 0)
        {
            _identifiers = [.. _identifiers ?? [], options.Identifier];
        }
    }

    public readonly void AddIdentifiers(MqttPropertiesBuilder properties)
    {
        foreach (var identifier in _identifiers ?? [])
        {
            properties.Add(PropertyId.SubscriptionIdentifier, identifier);
        }
    }
}
