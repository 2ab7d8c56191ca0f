namespace Zilla.EdgeMqtt.Packets;

/// <summary>§3.8.3.1, when a subscription gets the retained messages.</summary>
internal enum RetainHandling : byte
{
    SendAtSubscribe = 0,
    SendIfNew = 1,
    DoNotSend = 2,
}

/// <summary>One filter of a SUBSCRIBE and its options; those other than the QoS are of MQTT 5.</summary>
/// <param name="Filter">Shared or not.</param>
/// <param name="MaximumQoS">The most that messages are sent with.</param>
/// <param name="NoLocal">Not what the subscriber publishes itself.</param>
/// <param name="RetainAsPublished">The retain flag is passed on as it came.</param>
/// <param name="RetainHandling">Which retained messages are sent at first.</param>
internal readonly record struct Subscription(
    TopicFilter Filter,
    QualityOfService MaximumQoS,
    bool NoLocal = false,
    bool RetainAsPublished = false,
    RetainHandling RetainHandling = RetainHandling.SendAtSubscribe);
