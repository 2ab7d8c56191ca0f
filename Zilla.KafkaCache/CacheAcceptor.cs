using System.Diagnostics;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Conversion;
using Zilla.KafkaCache.Fetch;
using Zilla.KafkaCache.Produce;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Telemetry;
using Zilla.Streams;
using Zilla.Streams.V1;
using Capability = Zilla.Streams.V1.KafkaBeginEx.CapabilityOneofCase;

namespace Zilla.KafkaCache;

/// <summary>Serves the streams that edges open.</summary>
internal sealed class CacheAcceptor(
    ClusterRegistry clusters, IRecordConversion conversion, CacheOptions options, CacheTelemetry telemetry, TimeProvider time, ILogger<CacheAcceptor> logger) : IStreamAcceptor
{
    public Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken) =>
        stream.Opening.Mqtt is { } mqtt ? AcceptSessionAsync(stream, mqtt, cancellationToken)
        : stream.Opening.Work is { } work ? AcceptWorkAsync(stream, work, cancellationToken)
        : AcceptKafkaAsync(stream, cancellationToken);

    /// <summary>Sessions outlive <see cref="Cluster.Stopping"/> a little: they have things to write.</summary>
    private Task AcceptSessionAsync(FrameStream stream, MqttBeginEx begin, CancellationToken cancellationToken) =>
        Find(begin.Cluster).Sessions.GetValueOrDefault(begin.SessionsTopic) is { } directory
            ? SessionStreams.AcceptAsync(stream, begin, directory, options.RetryAfter, cancellationToken)
            : throw new StreamBrokenException(Cause.UnknownCluster, $"The configuration has no sessions in topic {begin.SessionsTopic} of {begin.Cluster}");

    /// <summary>Calls that are under way may come to their end after <see cref="Cluster.Stopping"/>, likewise.</summary>
    private Task AcceptWorkAsync(FrameStream stream, WorkBeginEx begin, CancellationToken cancellationToken) =>
        Find(begin.Cluster).Work.GetValueOrDefault(begin.Group) is { } work
            ? work.AcceptAsync(stream, begin.Calls, cancellationToken)
            : throw new StreamBrokenException(Cause.UnknownCluster, $"The configuration has no calls of {begin.Group} in {begin.Cluster}", options.RetryAfter);

    private async Task AcceptKafkaAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        var begin = stream.Opening.Kafka ?? throw new StreamBrokenException(Cause.ProtocolError, "BEGIN without KafkaBeginEx");
        var cluster = Find(begin.Cluster);
        if (!cluster.Plan.Allows(begin.Topic))
        {
            throw new StreamBrokenException(Cause.UnknownTopic, $"No route of the configuration leads to topic {begin.Topic}");
        }

        var operation = begin.CapabilityCase switch
        {
            Capability.Fetch => "fetch",
            Capability.Produce => "produce",
            _ => throw new StreamBrokenException(Cause.ProtocolError, "KafkaBeginEx without a capability"),
        };

        using var activity = CacheTelemetry.Start(operation, stream.Opening, begin.Cluster, begin.Topic);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cluster.Stopping);
        try
        {
            await (begin.CapabilityCase == Capability.Fetch ? FetchAsync(stream, begin, cluster, ending.Token) : ProduceAsync(stream, begin, cluster, ending.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException && cluster.Stopping.IsCancellationRequested)
        {
            throw Leaving(cluster);
        }
        catch (OperationCanceledException) when (stream.Broken.IsCancellationRequested)
        {
            // The reader has gone.
        }
        catch (StreamBrokenException broken)
        {
            activity?.SetStatus(ActivityStatusCode.Error, $"{broken.Cause}: {broken.Message}");
            throw;
        }
    }

    private async Task FetchAsync(FrameStream stream, KafkaBeginEx begin, Cluster cluster, CancellationToken ending)
    {
        using var lease = cluster.Topics.Acquire(begin.Topic);
        await new FetchStream(stream, begin.Fetch, cluster, lease.Topic, options, telemetry, time).RunAsync(ending);
    }

    private Task ProduceAsync(FrameStream stream, KafkaBeginEx begin, Cluster cluster, CancellationToken ending)
    {
        var messages = new KafkaMessages(begin.Topic, stream.Opening, conversion, options);
        return begin.Produce.Many
            ? new ProduceManyStream(stream, begin.Topic, begin.Produce.Acks, cluster, messages, () => Leaving(cluster), options, telemetry, time, logger).RunAsync(ending)
            : new ProduceStream(stream, begin.Topic, begin.Produce, cluster, messages, options, telemetry, logger).RunAsync(ending);
    }

    private StreamBrokenException Leaving(Cluster cluster) => clusters.Stopping
        ? new(Cause.ShuttingDown, "The replica is going away")
        : new(Cause.Unavailable, $"Cluster {cluster.Name} is being configured anew", options.RetryAfter);

    private Cluster Find(string name) => clusters switch
    {
        _ when clusters.Find(name) is { } cluster => cluster,
        { Stopping: true } => throw new StreamBrokenException(Cause.ShuttingDown, "The replica is going away"),
        { Configured: false } => throw new StreamBrokenException(Cause.UnknownCluster, "The replica has no plan yet", options.RetryAfter),
        _ => throw new StreamBrokenException(Cause.UnknownCluster, $"No cluster {name}"),
    };
}
