using System.Collections.Concurrent;
using Confluent.Kafka;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Conversion;
using Zilla.Streams.V1;
using Part = Zilla.KafkaCache.Clusters.RecordScratch.Part;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// The one consumer of a cluster: partitions are assigned and taken away by hand while it runs, each is read once, whatever the number of
/// readers. Its thread is the only writer of all partition logs of the cluster.
/// </summary>
internal sealed class ClusterConsumer : IDisposable
{
    private const int MaxBatch = 256;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(1);

    private readonly string _cluster;
    private readonly IRecordConversion _conversion;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RecordScratch _scratch = new();
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly Dictionary<(string Topic, int Partition), Assigned> _assigned = [];
    private readonly HashSet<TopicCache> _changed = [];
    private readonly Thread _thread;
    private volatile bool _stopping;

    public ClusterConsumer(ClusterParts parts, IRecordConversion conversion, ClusterState state, Action<Error> onError)
    {
        (_cluster, _conversion, _time, _logger) = (parts.Plan.Name, conversion, parts.Time, parts.Logger);
        var log = new ClientLog(parts.Logger, parts.Plan.Name);
        var builder = new ConsumerBuilder<Part, Part>(ClientSettings.Consumer(parts))
            .SetKeyDeserializer(_scratch)
            .SetValueDeserializer(_scratch)
            .SetLogHandler((_, message) =>
            {
                log.Write("consumer", message);
                if (ClientLog.FailureOf(message) is { } reason)
                {
                    state.ConnectionFailed(reason);
                }
            })
            .SetErrorHandler((_, error) => onError(error));
        Client = (BearerToken.For(parts.Plan, parts.Time) is { } bearer ? builder.SetOAuthBearerTokenRefreshHandler(bearer) : builder).Build();
        _thread = new Thread(Run) { IsBackground = true, Name = $"consume {parts.Plan.Name}" };
    }

    public IConsumer<Part, Part> Client { get; }

    /// <summary>A topic turned out to be another one than before; called on the consume thread.</summary>
    public event Action<TopicCache, string>? Renewed;

    public void Start() => _thread.Start();

    public void Assign(TopicCache topic, IReadOnlyList<PartitionLog> partitions, Offset start) => _commands.Enqueue(() =>
    {
        if (topic.Gone)
        {
            return;
        }

        foreach (var partition in partitions)
        {
            _assigned[(topic.Name, partition.Partition)] = new(topic, partition);
        }

        Client.IncrementalAssign(partitions.Select(partition => new TopicPartitionOffset(topic.Name, partition.Partition, start)));
    });

    public void Unassign(TopicCache topic) => _commands.Enqueue(() =>
    {
        TopicPartition[] leaving = [.. _assigned.Values.Where(a => a.Topic == topic).Select(a => new TopicPartition(topic.Name, a.Log.Partition))];
        if (leaving.Length > 0)
        {
            Client.IncrementalUnassign(leaving);
        }

        foreach (var partition in leaving)
        {
            _assigned.Remove((topic.Name, partition.Partition));
        }
    });

    public void Dispose()
    {
        _stopping = true;
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            Client.Dispose();
        }
        else
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        var maintained = _time.GetTimestamp();
        while (!_stopping)
        {
            try
            {
                while (_commands.TryDequeue(out var command))
                {
                    command();
                }

                // Readers are woken when the client library has no more at hand, or after a batch, not for every record.
                var taken = 0;
                while (taken < MaxBatch && Client.Consume(TimeSpan.Zero) is { } result)
                {
                    Take(result);
                    taken++;
                }

                WakeReaders();
                if (_time.GetElapsedTime(maintained) >= MaintenanceInterval)
                {
                    maintained = _time.GetTimestamp();
                    Maintain();
                }

                if (taken == 0 && _commands.IsEmpty && Client.Consume(Poll) is { } first)
                {
                    Take(first);
                }
            }
            catch (ConsumeException problem)
            {
                Report(problem);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                CacheLog.ConsumeFault(_logger, fault, _cluster);
                Thread.Sleep(Poll); // a fault that repeats must not spin
            }
        }

        Client.Close();
        Client.Dispose();
    }

    private void Take(ConsumeResult<Part, Part> result)
    {
        if (!_assigned.TryGetValue((result.Topic, result.Partition.Value), out var assigned))
        {
            return; // taken away meanwhile
        }

        var (topic, log) = assigned;
        _changed.Add(topic);
        if (result.IsPartitionEOF)
        {
            log.ReachEnd(result.Offset.Value);
            return;
        }

        var value = _scratch.Value(result.Message.Value);
        if (!result.Message.Value.IsNull && !_conversion.TryFill(topic.Name, ref value))
        {
            CacheLog.RecordSkipped(_logger, _cluster, topic.Name, log.Partition, result.Offset.Value, "its value is not valid");
            log.Skip(result.Offset.Value);
            return;
        }

        var record = _scratch.Record(result, value);
        if (result.Offset.Value < log.NextOffset)
        {
            Renewed?.Invoke(topic, $"offset {result.Offset.Value} of partition {log.Partition} came after {log.NextOffset - 1}");
        }
        else if (record.ExtensionLength > PartitionLog.LargestExtension)
        {
            CacheLog.RecordSkipped(_logger, _cluster, topic.Name, log.Partition, result.Offset.Value, "its key and headers do not fit a frame");
            log.Skip(result.Offset.Value);
        }
        else
        {
            log.Append(record);
        }
    }

    private void WakeReaders()
    {
        foreach (var topic in _changed)
        {
            topic.Signal.Pulse();
        }

        _changed.Clear();
    }

    private void Maintain()
    {
        foreach (var ((topic, partition), (_, log)) in _assigned)
        {
            var marks = Client.GetWatermarkOffsets(new TopicPartition(topic, partition));
            log.Maintain(marks.Low.Value, marks.High.Value);
        }
    }

    private void Report(ConsumeException problem)
    {
        var place = problem.ConsumerRecord?.TopicPartition;
        CacheLog.ConsumeFailed(_logger, _cluster, place?.ToString() ?? "", problem.Error.Reason);
        if (place is not null && _assigned.TryGetValue((place.Topic, place.Partition.Value), out var assigned)
            && KafkaCauses.Of(problem.Error.Code) is Cause.UnknownTopic or Cause.NotAuthorized)
        {
            Renewed?.Invoke(assigned.Topic, problem.Error.Reason);
        }
    }

    private readonly record struct Assigned(TopicCache Topic, PartitionLog Log);
}
