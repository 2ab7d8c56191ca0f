using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// DeleteRecords v0-2, flexible from 2: moves the start of a partition forward.
/// <code>
/// request:  [topic, [partition, offset (-1 = the high watermark)]] | timeout ms
/// response: throttle ms | [topic, [partition, low watermark, error]]
/// </code>
/// </summary>
internal sealed class DeleteRecordsApi(TopicStore topics) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.DeleteRecords, 0, 2, 2);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var wanted = call.Request.Array(t =>
        {
            var topic = t.String();
            var partitions = t.Array(p =>
            {
                var partition = (Index: p.Int32(), Offset: p.Int64());
                p.Tags();
                return partition;
            });
            t.Tags();
            return (Topic: topic, Partitions: partitions);
        });
        call.Request.Int32();
        var results = wanted.ConvertAll(t => (t.Topic, Partitions: t.Partitions.ConvertAll(p => Delete(t.Topic, p.Index, p.Offset))));

        call.Response.Int32(0);
        call.Response.Array(results, static (t, topic) =>
        {
            t.String(topic.Topic);
            t.Array(topic.Partitions, static (p, partition) =>
            {
                p.Int32(partition.Index);
                p.Int64(partition.LowWatermark);
                p.Error(partition.Error);
                p.Tags();
            });
            t.Tags();
        });
        call.Response.Tags();
        return ValueTask.CompletedTask;
    }

    private (int Index, long LowWatermark, ErrorCode Error) Delete(string topic, int index, long offset)
    {
        if (topics.Partition(topic, index) is not { } log)
        {
            return (index, -1, ErrorCode.UnknownTopicOrPartition);
        }

        var error = log.DeleteRecords(offset);
        return (index, error == ErrorCode.None ? log.StartOffset : -1, error);
    }
}
