using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Zilla.Load.Mqtt;

/// <summary>How many records a topic has, all its partitions together.</summary>
internal sealed class KafkaTopic : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly IAdminClient _client;
    private readonly TopicPartitionOffsetSpec[] _ends;

    public KafkaTopic(string servers, string topic)
    {
        // What the client has to say it says by exceptions.
        _client = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).SetLogHandler((_, _) => { }).Build();
        var partitions = _client.GetMetadata(topic, Timeout).Topics[0].Partitions;
        _ends = [.. partitions.Select(p => new TopicPartitionOffsetSpec { TopicPartition = new(topic, p.PartitionId), OffsetSpec = OffsetSpec.Latest() })];
    }

    /// <exception cref="KafkaException">The broker did not say.</exception>
    public async Task<long> CountAsync()
    {
        var ends = await _client.ListOffsetsAsync(_ends, new ListOffsetsOptions { RequestTimeout = Timeout });
        return ends.ResultInfos.Sum(r => r.TopicPartitionOffsetError.Offset.Value);
    }

    public void Dispose() => _client.Dispose();
}
