using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// EndTxn v0-3, flexible from 3: commits or aborts. When it is answered without error all markers are written.
/// <code>
/// request:  transactional id | producer id | epoch | committed
/// response: throttle ms | error
/// </code>
/// </summary>
internal sealed class EndTxnApi(TransactionCoordinator transactions) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.EndTxn, 0, 3, 3);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w) = (call.Request, call.Response);
        var id = r.String();
        var producer = new ProducerIdentity(r.Int64(), r.Int16());
        var commit = r.Bool();
        r.Tags();
        var error = transactions.Find(id)?.End(producer, commit) ?? ErrorCode.InvalidProducerIdMapping;
        w.Int32(0);
        w.Error(TransactionalId.ErrorFor(error, call.Version, fencedFrom: 2));
        w.Tags();
        return ValueTask.CompletedTask;
    }
}
