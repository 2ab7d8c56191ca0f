namespace Zilla.KafkaCache.Cache.Topics;

/// <summary>A reader's hold on a topic: while there is one, the topic is kept.</summary>
internal sealed class TopicLease(TopicCache topic, Action release) : IDisposable
{
    private Action? _release = release;

    public TopicCache Topic { get; } = topic;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
