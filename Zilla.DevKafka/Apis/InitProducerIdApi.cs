using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// InitProducerId v0-4, flexible from 2. A fresh id for every idempotent producer; for a transactional one the id that goes with its name, and an epoch that
/// fences whoever had it before. From v3 on a producer may name itself, to be told when it is the one fenced.
/// <code>
/// request:  transactional id (nullable) | timeout ms | (v3+) producer id, epoch (-1: does not say)
/// response: throttle ms | error | producer id | epoch
/// </code>
/// </summary>
internal sealed class InitProducerIdApi(TransactionCoordinator transactions) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.InitProducerId, 0, 4, 2);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w) = (call.Request, call.Response);
        var id = r.NullableString();
        var timeout = r.Int32();
        var named = call.Version >= 3 ? new ProducerIdentity(r.Int64(), r.Int16()) : ProducerIdentity.None;
        r.Tags();
        var result = id is null ? new InitResult(ErrorCode.None, new(transactions.ProducerIds.Next(), 0))
            : !TransactionalId.IsValid(id) ? InitResult.Failed(ErrorCode.InvalidRequest)
            : transactions.Initialize(id, timeout, named.Id < 0 ? null : named);
        w.Int32(0);
        w.Error(TransactionalId.ErrorFor(result.Error, call.Version, fencedFrom: 4));
        w.Int64(result.Producer.Id);
        w.Int16(result.Producer.Epoch);
        w.Tags();
        return ValueTask.CompletedTask;
    }
}
