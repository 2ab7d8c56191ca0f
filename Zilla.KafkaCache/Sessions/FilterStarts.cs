using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>
/// Where filters begin that came while their session was behind: what lies between its progress and there was published before them. Filters of one SUBSCRIBE, and of
/// several while nothing was published, are one entry; a partition that the progress has passed is none.
/// </summary>
internal sealed class FilterStarts
{
    /// <summary>Of the entries as they are written. Beyond it the oldest go: their filters count as if they had always been there, which loses nothing.</summary>
    public const int MostBytes = 64 << 10;

    private readonly List<Entry> _entries = [];

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>What of a start the progress has not passed; null: nothing.</summary>
    public static KafkaProgress? Ahead(KafkaProgress start, KafkaProgress? progress)
    {
        var ahead = start.Partitions.ToArray().Where(at => at.Offset > Math.Max(progress?[at.Partition] ?? 0, 0)).ToArray();
        return ahead.Length == 0 ? null : ahead.Length == start.Partitions.Length ? start : KafkaProgress.Create(ahead);
    }

    /// <param name="filters">Nothing is said of them yet.</param>
    /// <param name="start">Per topic of Kafka.</param>
    public void Add(IReadOnlyCollection<string> filters, Dictionary<string, KafkaProgress> start)
    {
        if (_entries.Count > 0 && _entries[^1] is var last && last.BeginsAt(start))
        {
            last.Filters.UnionWith(filters);
        }
        else
        {
            _entries.Add(new(filters.ToHashSet(StringComparer.Ordinal), start));
        }

        var size = _entries.Sum(entry => entry.Size);
        while (size > MostBytes)
        {
            size -= _entries[0].Size;
            _entries.RemoveAt(0);
        }
    }

    public void Remove(string filter) => RemoveAll(entry => entry.Filters.Remove(filter));

    /// <summary>Nothing is known of the topic's progress any more.</summary>
    public void Forget(string topic) => RemoveAll(entry => entry.Start.Remove(topic));

    /// <summary>The session has got that far.</summary>
    public void Pass(string topic, KafkaProgress progress) => RemoveAll(entry =>
    {
        if (!entry.Start.TryGetValue(topic, out var start))
        {
            return;
        }

        if (Ahead(start, progress) is { } ahead)
        {
            entry.Start[topic] = ahead;
        }
        else
        {
            entry.Start.Remove(topic);
        }
    });

    public IEnumerable<MqttFilterStart> ToMessages() => _entries.Select(entry => entry.ToMessage());

    private void RemoveAll(Action<Entry> change) => _entries.RemoveAll(entry =>
    {
        change(entry);
        return entry.Filters.Count == 0 || entry.Start.Count == 0;
    });

    private sealed record Entry(HashSet<string> Filters, Dictionary<string, KafkaProgress> Start)
    {
        public int Size => ToMessage().CalculateSize();

        public bool BeginsAt(Dictionary<string, KafkaProgress> start) =>
            Start.Count == start.Count && start.All(topic => topic.Value.Equals(Start.GetValueOrDefault(topic.Key)));

        public MqttFilterStart ToMessage()
        {
            var message = new MqttFilterStart { Filters = { Filters } };
            message.Start.Add(Start.Select(topic => new MqttTopicProgress { Topic = topic.Key, Progress = UnsafeByteOperations.UnsafeWrap(topic.Value.Encode()) }));
            return message;
        }
    }
}
