using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Zilla.Config.Plans;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Work;

/// <summary>
/// Where records go whose call could not be made: key, value and headers as they were, and behind these <c>zilla:dead-letter-reason</c>, <c>-topic</c>, <c>-partition</c> and <c>-offset</c>. Written
/// before the offset is committed, however long it takes.
/// </summary>
/// <param name="plan">Of the binding.</param>
/// <param name="produce">Writes a record; completes when all in-sync replicas have it.</param>
/// <param name="parts">Of the cluster.</param>
/// <param name="telemetry">Counts.</param>
internal sealed class DeadLetters(WorkPlan plan, Func<TopicPartition, Message<byte[]?, byte[]?>, Task> produce, ClusterParts parts, WorkTelemetry telemetry)
{
    private const string Prefix = "zilla:dead-letter-";

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <exception cref="OperationCanceledException">The cluster is no longer served: not all are written.</exception>
    public async Task BuryAsync(string topic, IReadOnlyList<KafkaRecord> records, string reason, CancellationToken cancellationToken)
    {
        telemetry.Poisoned.Add(1);
        WorkLog.Poisoned(parts.Logger, plan.Group, topic, records[0].Partition, records[0].Offset, records.Count, reason);
        if (plan.DeadLetter is { } target)
        {
            foreach (var record in records)
            {
                await WriteAsync(topic, record, target, reason, cancellationToken);
            }
        }
    }

    private async Task WriteAsync(string topic, KafkaRecord record, string target, string reason, CancellationToken cancellationToken)
    {
        var message = new Message<byte[]?, byte[]?> { Key = record.HasKey ? record.Key.ToArray() : null, Value = record.IsTombstone ? null : record.Value.ToArray(), Headers = Headers(topic, record, reason) };
        while (true)
        {
            try
            {
                await produce(new TopicPartition(target, Partition.Any), message);
                return;
            }
            catch (KafkaException refused) when (KafkaCauses.Of(refused.Error.Code) is not (Cause.Unavailable or Cause.Overloaded))
            {
                // It would be refused for ever, and hold up all that is behind it.
                WorkLog.DeadLetterRefused(parts.Logger, plan.Group, topic, record.Partition, record.Offset, target, refused.Error.Reason);
                return;
            }
            catch (Exception away) when (away is KafkaException or ObjectDisposedException)
            {
                // Kafka is, or the producer that was asked: the next one is another, unless the cluster is no longer served.
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // Left alone, the call would be neither over nor begun anew, and nothing behind it ever be committed.
                WorkLog.Fault(parts.Logger, fault, plan.Group);
            }

            await Task.Delay(Retry, parts.Time, cancellationToken);
        }
    }

    private static Headers Headers(string topic, in KafkaRecord record, string reason)
    {
        var headers = new Headers();
        foreach (var header in record.Headers)
        {
            headers.Add(Encoding.UTF8.GetString(header.Name.Span), header.HasValue ? header.Value.ToArray() : null);
        }

        Add("reason", reason);
        Add("topic", topic);
        Add("partition", record.Partition.ToString(CultureInfo.InvariantCulture));
        Add("offset", record.Offset.ToString(CultureInfo.InvariantCulture));
        return headers;

        void Add(string name, string value) => headers.Add(Prefix + name, Encoding.UTF8.GetBytes(value));
    }
}
