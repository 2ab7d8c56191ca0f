using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// FindCoordinator v0-4, flexible from 3. The coordinator of every group and transactional id is this broker.
/// <code>
/// request:  (v0-3) key | (v1+) type: 0 group, 1 transaction | (v4+) [key]
/// response: (v1+) throttle ms | (v0-3) error, (v1-3) message, node, host, port | (v4+) [key, node, host, port, error, message]
/// </code>
/// </summary>
internal sealed class FindCoordinatorApi(BrokerIdentity identity) : IApi
{
    private const sbyte GroupType = 0;
    private const sbyte TransactionType = 1;

    public ApiVersionRange Versions { get; } = new(ApiKey.FindCoordinator, 0, 4, 3);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (request, response, version) = (call.Request, call.Response, call.Version);
        var key = version < 4 ? request.String() : "";
        var type = version >= 1 ? request.Int8() : GroupType;
        var keys = version >= 4 ? request.Array(r => r.String()) : [key];
        var error = type is GroupType or TransactionType ? ErrorCode.None : ErrorCode.InvalidRequest;
        var message = error == ErrorCode.None ? null : "this broker coordinates groups and transactions only";
        if (version >= 1)
        {
            response.Int32(0);
        }

        if (version >= 4)
        {
            response.Array(keys, (w, k) =>
            {
                w.String(k);
                WriteNode(w, error);
                w.Error(error);
                w.String(message);
                w.Tags();
            });
        }
        else
        {
            response.Error(error);
            if (version >= 1)
            {
                response.String(message);
            }

            WriteNode(response, error);
        }

        response.Tags();
        return ValueTask.CompletedTask;
    }

    private void WriteNode(WireWriter w, ErrorCode error)
    {
        w.Int32(error == ErrorCode.None ? BrokerIdentity.NodeId : -1);
        w.String(error == ErrorCode.None ? identity.Host : "");
        w.Int32(error == ErrorCode.None ? identity.Port : -1);
    }
}
