using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// AddOffsetsToTxn v0-3, flexible from 3: the group whose offsets a transaction is going to commit.
/// <code>
/// request:  transactional id | producer id | epoch | group
/// response: throttle ms | error
/// </code>
/// </summary>
internal sealed class AddOffsetsToTxnApi(TransactionCoordinator transactions) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.AddOffsetsToTxn, 0, 3, 3);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w) = (call.Request, call.Response);
        var id = r.String();
        var producer = new ProducerIdentity(r.Int64(), r.Int16());
        var group = r.String();
        r.Tags();
        var error = group.Length == 0 ? ErrorCode.InvalidGroupId : transactions.Find(id)?.AddGroup(producer, group) ?? ErrorCode.InvalidProducerIdMapping;
        w.Int32(0);
        w.Error(TransactionalId.ErrorFor(error, call.Version, fencedFrom: 2));
        w.Tags();
        return ValueTask.CompletedTask;
    }
}
