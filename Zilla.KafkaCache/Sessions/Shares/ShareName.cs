using Zilla.KafkaCache.Sessions.Records;

namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>A group that shares what one topic of Kafka has for a filter.</summary>
/// <param name="Name">The share name.</param>
/// <param name="Filter">As subscribed to.</param>
/// <param name="Topic">Of Kafka.</param>
internal sealed record ShareName(string Name, string Filter, string Topic)
{
    /// <summary>Of the record of its progress.</summary>
    public byte[] Key => SessionKeys.Group(Name, Filter, Topic);

    public override string ToString() => $"$share/{Name}/{Filter} of {Topic}";
}
