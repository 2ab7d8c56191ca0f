using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// ListTransactions v0, flexible. An empty filter lets all through.
/// <code>
/// request:  [state] | [producer id]
/// response: throttle ms | error | [unknown state] | [transactional id, producer id, state]
/// </code>
/// </summary>
internal sealed class ListTransactionsApi(TransactionCoordinator transactions) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.ListTransactions, 0, 0, 0);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w) = (call.Request, call.Response);
        var states = r.Array(s => s.String());
        var producers = r.Array(p => p.Int64());
        r.Tags();
        var found = transactions.All
            .Select(t => (t.Id, t.Data))
            .Where(t => (states.Count == 0 || states.Contains(t.Data.State.ToString())) && (producers.Count == 0 || producers.Contains(t.Data.Producer.Id)))
            .ToList();
        w.Int32(0);
        w.Error(ErrorCode.None);
        w.Array(states.Except(Enum.GetNames<TransactionState>()).ToList(), static (s, state) => s.String(state));
        w.Array(found, static (t, transaction) =>
        {
            t.String(transaction.Id);
            t.Int64(transaction.Data.Producer.Id);
            t.String(transaction.Data.State.ToString());
            t.Tags();
        });
        w.Tags();
        return ValueTask.CompletedTask;
    }
}
