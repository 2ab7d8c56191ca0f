using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// Where topics end in Kafka itself, for who reads what is committed. Whoever asks while it is being asked already, and might be told too little, shares the next answer with all others who do:
/// however many ask, a topic is asked about once at a time.
/// </summary>
/// <param name="ask">The end of a partition; null: that cannot be said now.</param>
internal sealed class TopicEnds(Func<string, int, Task<long?>> ask)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<KafkaProgress>> _next = [];
    private readonly Dictionary<string, Task<KafkaProgress>> _last = [];

    /// <summary>Not before the call. Partitions whose end cannot be said now are left out.</summary>
    public Task<KafkaProgress> NowAsync(string topic, int partitions)
    {
        lock (_gate)
        {
            if (!_next.TryGetValue(topic, out var answer))
            {
                _next[topic] = _last[topic] = answer = AskAsync(topic, partitions, _last.GetValueOrDefault(topic) ?? Task.CompletedTask);
            }

            return answer;
        }
    }

    private async Task<KafkaProgress> AskAsync(string topic, int partitions, Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            _next.Remove(topic);
        }

        var ends = await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => ask(topic, partition)));
        return KafkaProgress.Create([.. ends.Index().Where(end => end.Item is not null).Select(end => new PartitionOffset(end.Index, end.Item!.Value))]);
    }
}
