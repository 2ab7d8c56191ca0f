namespace Zilla.KafkaCache.Cache.Topics;

/// <summary>
/// The topics of one cluster that are held: those filled at start for as long as the cluster is served, others from their first reader until
/// some time after the last one (reference §4.5).
/// </summary>
internal sealed class TopicDirectory(ITopicFeed feed, TimeSpan idle, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Held> _topics = new(StringComparer.Ordinal);
    private readonly HashSet<string> _pinned = new(StringComparer.Ordinal);
    private bool _disposed;

    public IReadOnlyList<TopicCache> Topics
    {
        get
        {
            lock (_gate)
            {
                return [.. _topics.Values.Select(held => held.Topic)];
            }
        }
    }

    /// <summary>Holds a topic, filling it if nobody held it before.</summary>
    public TopicLease Acquire(string name)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_topics.TryGetValue(name, out var held))
            {
                held = Hold(name);
            }

            held.Readers++;
            held.Idle?.Dispose();
            held.Idle = null;
            return new(held.Topic, () => Release(held));
        }
    }

    /// <summary>A topic that is filled at start and never released.</summary>
    public void Pin(string name)
    {
        lock (_gate)
        {
            _pinned.Add(name);
            Acquire(name);
        }
    }

    /// <summary>Lets go of a topic that Kafka has no longer, and starts over for those that hold it.</summary>
    public void Renew(TopicCache topic)
    {
        lock (_gate)
        {
            if (!_topics.TryGetValue(topic.Name, out var held) || held.Topic != topic)
            {
                return;
            }

            Remove(held);
            var successor = Hold(topic.Name);
            successor.Readers = _pinned.Contains(topic.Name) ? 1 : 0;
            if (successor.Readers == 0)
            {
                StartIdle(successor);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var held in _topics.Values.ToArray())
            {
                Remove(held);
            }
        }
    }

    private Held Hold(string name)
    {
        var held = new Held(new TopicCache(name));
        _topics.Add(name, held);
        feed.Join(held.Topic);
        return held;
    }

    private void Release(Held held)
    {
        lock (_gate)
        {
            if (--held.Readers > 0 || _disposed || held.Topic.Gone)
            {
                return;
            }

            // Names that clients make up must not pile up.
            if (held.Topic.Partitions.Length == 0 && held.Topic.Problem is not null)
            {
                Remove(held);
            }
            else
            {
                StartIdle(held);
            }
        }
    }

    private void StartIdle(Held held) => held.Idle = time.CreateTimer(_ => Expire(held), null, idle, Timeout.InfiniteTimeSpan);

    private void Expire(Held held)
    {
        lock (_gate)
        {
            if (held.Readers == 0 && !held.Topic.Gone)
            {
                Remove(held);
            }
        }
    }

    private void Remove(Held held)
    {
        _topics.Remove(held.Topic.Name);
        held.Idle?.Dispose();
        feed.Leave(held.Topic);
        held.Topic.Close();
    }

    private sealed class Held(TopicCache topic)
    {
        public TopicCache Topic { get; } = topic;
        public int Readers { get; set; }
        public ITimer? Idle { get; set; }
    }
}
