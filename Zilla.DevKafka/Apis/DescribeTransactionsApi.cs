using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// DescribeTransactions v0, flexible.
/// <code>
/// request:  [transactional id]
/// response: throttle ms | [error, transactional id, state, timeout ms, started at (ms since 1970, -1 = not open), producer id, epoch, [topic, [partition]]]
/// </code>
/// </summary>
internal sealed class DescribeTransactionsApi(TransactionCoordinator transactions) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.DescribeTransactions, 0, 0, 0);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var asked = call.Request.Array(r => r.String());
        call.Request.Tags();
        call.Response.Int32(0);
        call.Response.Array(asked, (w, id) =>
        {
            var data = transactions.Find(id)?.Data;
            var known = data is not null && data.Producer != ProducerIdentity.None;
            data ??= TransactionData.New;
            w.Error(known ? ErrorCode.None : ErrorCode.TransactionalIdNotFound);
            w.String(id);
            w.String(known ? data.State.ToString() : "");
            w.Int32(data.TimeoutMs);
            w.Int64(data.StartedAt);
            w.Int64(data.Producer.Id);
            w.Int16(data.Producer.Epoch);
            w.Array(data.Partitions.GroupBy(p => p.Topic, p => p.Partition).ToList(), static (t, topic) =>
            {
                t.String(topic.Key);
                t.Array(topic.Order().ToList(), static (p, partition) => p.Int32(partition));
                t.Tags();
            });
            w.Tags();
        });
        call.Response.Tags();
        return ValueTask.CompletedTask;
    }
}
