using Confluent.Kafka;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.KafkaCache.Conversion;
using Part = Zilla.KafkaCache.Clusters.RecordScratch.Part;

namespace Zilla.KafkaCache.Clusters;

/// <summary>One of the consumers that read what is not held; for one caller at a time. Stays where it stopped, so that whoever goes on from there need not seek.</summary>
internal sealed class HistoryConsumer : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly ClusterParts _parts;
    private readonly IRecordConversion _conversion;
    private readonly RecordScratch _scratch = new();
    private readonly IConsumer<Part, Part> _client;
    private TopicPartitionOffset? _place;
    private ConsumeResult<Part, Part>? _pending;

    public HistoryConsumer(ClusterParts parts, IRecordConversion conversion)
    {
        (_parts, _conversion) = (parts, conversion);
        var log = new ClientLog(parts.Logger, parts.Plan.Name);
        var builder = new ConsumerBuilder<Part, Part>(ClientSettings.History(parts))
            .SetKeyDeserializer(_scratch)
            .SetValueDeserializer(_scratch)
            .SetLogHandler((_, message) => log.Write("history consumer", message));
        _client = (BearerToken.For(parts.Plan, parts.Time) is { } bearer ? builder.SetOAuthBearerTokenRefreshHandler(bearer) : builder).Build();
    }

    public bool IsAt(TopicPartitionOffset place) => _place == place;

    public static KafkaException OutOfMemory(TopicPartitionOffset from, long bytes) =>
        new(new Error(ErrorCode.Local_QueueFull, $"The memory budget has no {bytes} bytes for reading {from}"));

    /// <summary>Reads from a place on, up to <paramref name="end"/>, but not more than a batch.</summary>
    /// <param name="from">The place.</param>
    /// <param name="end">Where to stop at the latest.</param>
    /// <param name="batchBytes">The size of a batch; one record that is larger is a batch of its own.</param>
    /// <param name="memory">Was reserved for a batch, and becomes its; grows where need be.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="KafkaException">Kafka refused, or has nothing to say for as long as <see cref="CacheOptions.ProgressTimeout"/>; or there is no memory for a record.</exception>
    public HistoryBatch Read(TopicPartitionOffset from, long end, int batchBytes, Reservation memory, CancellationToken cancellationToken)
    {
        if (!IsAt(from))
        {
            _pending = null;
            _client.Assign(from);
        }

        _place = null; // whatever goes wrong, the next one seeks
        var segment = new Segment(from.Offset, batchBytes, 0, indexed: false);
        var next = from.Offset.Value;
        var waiting = _parts.Time.GetTimestamp();
        while (next < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = _pending ?? _client.Consume(Poll);
            _pending = null;
            if (result is null)
            {
                if (segment.Count > 0)
                {
                    break;
                }

                if (_parts.Time.GetElapsedTime(waiting) > _parts.Options.ProgressTimeout)
                {
                    throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"Kafka gave nothing of {from} for {_parts.Options.ProgressTimeout.TotalSeconds:0.#} s"));
                }
            }
            else if (result.IsPartitionEOF)
            {
                next = end;
            }
            else if (result.Offset >= end)
            {
                (_pending, next) = (result, end);
            }
            else if (TryAppend(ref segment, result, memory))
            {
                next = result.Offset + 1;
            }
            else
            {
                (_pending, next) = (result, result.Offset);
                break;
            }
        }

        _place = new(from.TopicPartition, next);
        return new(segment, next, memory);
    }

    /// <summary>Has it fetch no more until it is asked again.</summary>
    public void Rest()
    {
        (_place, _pending) = (null, null);
        _client.Unassign();
    }

    public void Dispose()
    {
        _client.Close();
        _client.Dispose();
    }

    /// <summary>False if the batch has no room for it; it stays in the scratch then. A record that readers are not shown is passed over.</summary>
    private bool TryAppend(ref Segment segment, ConsumeResult<Part, Part> result, Reservation memory)
    {
        var value = _scratch.Value(result.Message.Value);
        if (!result.Message.Value.IsNull && !_conversion.TryFill(result.Topic, ref value))
        {
            return true;
        }

        var record = _scratch.Record(result, value);
        var extensionLength = record.ExtensionLength;
        if (extensionLength > PartitionLog.LargestExtension)
        {
            return true;
        }

        var length = extensionLength + value.Length;
        var fits = segment.HasRoomFor(length);
        if (!fits && segment.Count > 0)
        {
            return false;
        }

        var growth = fits ? segment.GrowthFor(record.Headers.Length) : length;
        if (growth > 0 && !memory.TryGrow(growth))
        {
            return segment.Count > 0 ? false : throw OutOfMemory(result.TopicPartitionOffset, growth);
        }

        segment = fits ? segment : new(segment.BaseOffset, length, 0, indexed: false);

        segment.Append(record, extensionLength);
        return true;
    }
}
