using Confluent.Kafka;
using Google.Protobuf;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Telemetry;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Produce;

/// <summary>
/// Serves one PRODUCE stream with <c>many</c> (kafka.proto): hands records to the client library as they come, and answers as Kafka
/// does, as many at a time as have gathered. A client library that is full holds back the stream's credit.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="topic">Its topic.</param>
/// <param name="acks">What a record's result waits for.</param>
/// <param name="cluster">Where the topic is.</param>
/// <param name="messages">Makes messages of records.</param>
/// <param name="leaving">Says why the cluster is served no longer.</param>
/// <param name="options">Limits.</param>
/// <param name="telemetry">Counts.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class ProduceManyStream(
    FrameStream stream, string topic, KafkaProduce.Types.Acks acks, Cluster cluster, KafkaMessages messages, Func<StreamBrokenException> leaving,
    CacheOptions options, CacheTelemetry telemetry, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(10);

    private readonly PendingRecords _pending = new(options.RetryAfter);
    private readonly ManyRecords _records = new(options.MaxRecordBytes);
    private string? _lastFailure;

    /// <exception cref="StreamBrokenException">Nothing was taken, or the opener has gone or broken the protocol.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await cluster.State.ProblemAsync(cancellationToken) is { } problem)
        {
            throw new StreamBrokenException(Cause.Unavailable, problem, options.RetryAfter);
        }

        stream.Accept();
        await using var givingUp = cluster.Producers.Closed.UnsafeRegister(_ => _pending.GiveUp(
            new StreamBrokenException(Cause.Unavailable, "The cluster is no longer served; the record may or may not have been written", options.RetryAfter)), null);
        var answering = AnswerAsync();
        StreamBrokenException? stopped;
        try
        {
            stopped = await TakeAllAsync(cancellationToken);
        }
        finally
        {
            _pending.Close();
        }

        await answering;
        End(stopped);
    }

    /// <summary>Null: to the opener's END. Else why no more are taken.</summary>
    private async Task<StreamBrokenException?> TakeAllAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _pending.Stopped);
        try
        {
            while (await TakeAsync(ending.Token))
            {
                if (cluster.State.Problem is { } problem)
                {
                    // The record at hand goes with it: the client library would keep it until it times out.
                    return new(Cause.Unavailable, problem, options.RetryAfter);
                }

                await HandOverAsync(ending.Token);
            }

            return null;
        }
        catch (Exception gone) when (gone is OperationCanceledException or ObjectDisposedException && !stream.Broken.IsCancellationRequested)
        {
            return _pending.Stop ?? leaving();
        }
    }

    /// <summary>Reads until a record is there, or one that is refused; false at the opener's END.</summary>
    private async ValueTask<bool> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!stream.TryRead(out var frame))
            {
                frame = await stream.ReadAsync(cancellationToken);
            }

            if (frame.Kind == FrameKind.End)
            {
                return false;
            }

            if (frame.Kind == FrameKind.Data && _records.TryAdd(frame))
            {
                return true;
            }
        }
    }

    private async ValueTask HandOverAsync(CancellationToken cancellationToken)
    {
        var pending = await _pending.NextAsync(cancellationToken);
        try
        {
            if (_records.Refusal is { } refusal)
            {
                throw refusal;
            }

            var partition = await cluster.PartitionCounts.ChooseAsync(topic, _records.Current, cancellationToken);
            await ProduceAsync(new(topic, partition), messages.ToMessage(_records.Current), pending, cancellationToken);
        }
        catch (StreamBrokenException refused)
        {
            _pending.Failed(pending, refused);
        }
        catch (KafkaException refused)
        {
            _pending.Failed(pending, KafkaCauses.ToBroken(refused.Error, options.RetryAfter));
        }

        _pending.Add(pending);
    }

    private async ValueTask ProduceAsync(TopicPartition target, Message<byte[]?, byte[]?> message, PendingRecord pending, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                cluster.Producers.Produce(target, message, acks, pending.Delivered);
                break;
            }
            catch (KafkaException full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(QueueFullPause, time, cancellationToken);
            }
        }

        if (acks == KafkaProduce.Types.Acks.None)
        {
            _pending.Written(pending);
        }
    }

    private async Task AnswerAsync()
    {
        var results = new ProducedResults();
        var failures = new List<StreamBrokenException>();
        try
        {
            while (await _pending.WaitAsync())
            {
                telemetry.Produced.Add(_pending.Take(results, failures), new KeyValuePair<string, object?>("messaging.destination.name", topic));
                Report(failures);
                await stream.WriteFlushAsync(ExtensionKind.Kafka, results.Take());
            }
        }
        catch (StreamBrokenException)
        {
            // The opener has gone, as whoever reads from it learns. What is handed over will be written, and nobody told.
        }
    }

    /// <summary>Counts them all, and has the log say once why when many in a row fail for one reason.</summary>
    private void Report(List<StreamBrokenException> failures)
    {
        foreach (var failure in failures)
        {
            telemetry.ProduceErrors.Add(1, new("messaging.destination.name", topic), new("error.type", failure.Cause.ToString()));
            if (failure.Message != _lastFailure)
            {
                _lastFailure = failure.Message;
                CacheLog.ProduceFailed(logger, cluster.Name, stream.Id, topic, failure.Message);
            }
        }

        failures.Clear();
    }

    private void End(StreamBrokenException? stopped)
    {
        if (stopped is null)
        {
            stream.End();
            return;
        }

        CacheLog.ProduceStopped(logger, cluster.Name, stream.Id, topic, stopped.Message);
        var why = new KafkaFailure { Cause = (uint)stopped.Cause, Message = stopped.Message, RetryAfterMs = (uint)stopped.RetryAfter.TotalMilliseconds };
        stream.End(ExtensionKind.Kafka, new KafkaEndEx { Stopped = why }.ToByteArray());
        stream.Reset(stopped.Cause, stopped.Message, stopped.RetryAfter);
    }
}
