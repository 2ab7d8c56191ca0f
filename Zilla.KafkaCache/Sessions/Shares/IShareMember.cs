using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>A client of a group. Calls come one at a time and must not wait.</summary>
internal interface IShareMember
{
    /// <summary>The most records that it may have unsettled.</summary>
    int InFlight { get; }

    /// <summary>The record is this client's, unless it leaves without having settled it.</summary>
    void Deliver(KafkaRecord record);

    /// <summary>The group is another owner's.</summary>
    void Break(StreamBrokenException why);
}
