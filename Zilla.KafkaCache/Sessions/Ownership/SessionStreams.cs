using System.Text;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>Leads a stream to the sessions of its partition, if this replica owns that, in the epoch that the edge knows.</summary>
internal static class SessionStreams
{
    /// <exception cref="StreamBrokenException">CAUSE_NOT_OWNER, or what is wrong with the topic.</exception>
    public static async Task AcceptAsync(FrameStream stream, MqttBeginEx begin, ISessionDirectory directory, TimeSpan retryAfter, CancellationToken cancellationToken)
    {
        var key = KeyOf(begin) ?? throw new StreamBrokenException(Cause.ProtocolError, "MqttBeginEx without a capability, or without a client id");
        if (directory.Problem is { } problem)
        {
            throw new StreamBrokenException(problem.Cause, problem.Message, problem.Cause == Cause.Unavailable ? retryAfter : default);
        }

        if (directory.Partitions == 0)
        {
            throw new StreamBrokenException(Cause.NotOwner, $"Nobody owns {directory.Topic} yet", retryAfter);
        }

        var number = Murmur2.Partition(Encoding.UTF8.GetBytes(key), directory.Partitions);
        if (directory.Find(number) is not { } known || known.Partition.Epoch < begin.Epoch)
        {
            await directory.SettledAsync(number).WaitAsync(cancellationToken);
        }

        if (directory.Find(number) is not var (partition, sessions) || partition.Epoch != begin.Epoch)
        {
            throw NotOwner(directory, number, begin.Epoch);
        }

        await sessions.AcceptAsync(stream, cancellationToken);
    }

    /// <summary>What chooses the partition: the client id, or the group of a shared subscription. Null: there is neither.</summary>
    public static string? KeyOf(MqttBeginEx begin) => begin.CapabilityCase switch
    {
        MqttBeginEx.CapabilityOneofCase.Connect when begin.Connect.ClientId.Length > 0 => begin.Connect.ClientId,
        MqttBeginEx.CapabilityOneofCase.Share => $"$share/{begin.Share.Name}/{begin.Share.Filter}",
        _ => null,
    };

    private static StreamBrokenException NotOwner(ISessionDirectory directory, int partition, long epoch) =>
        new(Cause.NotOwner, directory.OwnerOf(partition) is { } owner
            ? $"{directory.Topic}/{partition} is owned by {owner.Instance} in epoch {owner.Epoch}, asked for was {epoch}"
            : $"{directory.Topic}/{partition} has no owner yet");
}
