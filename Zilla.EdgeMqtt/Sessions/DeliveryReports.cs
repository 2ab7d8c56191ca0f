using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>Merging what is reported of a client's delivery.</summary>
internal static class DeliveryReports
{
    /// <summary>Makes one of two: as if <paramref name="later"/> had been said after <paramref name="report"/>, whose owner takes what was settled first.</summary>
    public static void Add(this MqttDelivery report, MqttDelivery later)
    {
        foreach (var topic in later.Progress)
        {
            if (report.Progress.FirstOrDefault(known => known.Topic == topic.Topic) is { } known)
            {
                known.Progress = topic.Progress;
            }
            else
            {
                report.Progress.Add(topic.Clone());
            }
        }

        foreach (var packetId in later.Settled)
        {
            if (report.Sent.FirstOrDefault(sent => sent.PacketId == packetId) is { } sent)
            {
                report.Sent.Remove(sent);
            }

            report.Received.Remove(packetId);
        }

        report.Settled.Add(later.Settled);
        report.Sent.Add(later.Sent);
        report.Received.Add(later.Received);
    }
}
