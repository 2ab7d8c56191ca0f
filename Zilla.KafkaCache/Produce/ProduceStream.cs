using Confluent.Kafka;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Telemetry;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Produce;

/// <summary>
/// Serves one PRODUCE stream (kafka.proto): takes the record, writes it, and answers once Kafka has acknowledged it. Nothing is written before
/// the opener's END. The stream is accepted with the acknowledgement, so that every failure is a RESET, which can say when to try again.
/// </summary>
internal sealed class ProduceStream(
    FrameStream stream, string topic, KafkaProduce produce, Cluster cluster, KafkaMessages messages, CacheOptions options, CacheTelemetry telemetry, ILogger logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var record = await ReadAsync(cancellationToken);
            if (await cluster.State.ProblemAsync(cancellationToken) is { } problem)
            {
                throw new StreamBrokenException(Cause.Unavailable, problem, options.RetryAfter);
            }

            var written = await WriteAsync(record);
            CacheLog.Produced(logger, cluster.Name, stream.Id, topic, written.Partition.Value, written.Offset.Value);
            telemetry.Produced.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", topic));
            stream.Accept();
            stream.End(ProgressOf(written));
        }
        catch (StreamBrokenException broken) when (!stream.Broken.IsCancellationRequested)
        {
            telemetry.ProduceErrors.Add(1, new("messaging.destination.name", topic), new("error.type", broken.Cause.ToString()));
            CacheLog.ProduceFailed(logger, cluster.Name, stream.Id, topic, broken.Message);
            throw;
        }
    }

    private async Task<KafkaRecord> ReadAsync(CancellationToken cancellationToken)
    {
        KafkaRecord? whole = null;
        var assembler = new RecordAssembler(options.MaxRecordBytes);
        while (await stream.ReadAsync(cancellationToken) is var frame && frame.Kind != FrameKind.End)
        {
            if (frame.Kind == FrameKind.Data && assembler.TryAdd(frame, out var record))
            {
                whole = whole is null ? record : throw new StreamBrokenException(Cause.ProtocolError, "A PRODUCE stream carries one record");
            }
        }

        return whole ?? throw new StreamBrokenException(Cause.ProtocolError, "END came before a whole record");
    }

    private async Task<TopicPartitionOffset> WriteAsync(KafkaRecord record)
    {
        try
        {
            var partition = await cluster.PartitionCounts.ChooseAsync(topic, record, CancellationToken.None);
            return await cluster.Producers.ProduceAsync(new(topic, partition), messages.ToMessage(record), produce.Acks);
        }
        catch (KafkaException refused)
        {
            throw KafkaCauses.ToBroken(refused.Error, options.RetryAfter);
        }
        catch (ObjectDisposedException)
        {
            throw new StreamBrokenException(Cause.ShuttingDown, "The cluster is no longer served");
        }
        catch (OperationCanceledException)
        {
            throw new StreamBrokenException(Cause.Unavailable, "The cluster is no longer served; the record may or may not have been written", options.RetryAfter);
        }
    }

    private static KafkaProgress ProgressOf(TopicPartitionOffset written) =>
        written.Partition.Value >= 0 && written.Offset.Value >= 0 ? KafkaProgress.Of(written.Partition.Value, written.Offset.Value + 1) : KafkaProgress.Empty;
}
