using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A message that is to be sent to one client.</summary>
/// <param name="Topic">Of Kafka.</param>
/// <param name="Message">What.</param>
/// <param name="QualityOfService">The lower one of published and granted.</param>
/// <param name="Matched">By which subscriptions.</param>
internal readonly record struct Outgoing(string Topic, OutgoingMessage Message, QualityOfService QualityOfService, MatchedFilters Matched)
{
    /// <summary>Because it was retained.</summary>
    public bool IsRetained { get; init; }

    public IShare? Share { get; init; }

    /// <summary>From the feed, which has had it traced already.</summary>
    public bool IsLive { get; init; }
}
