using Zilla.DevKafka.Producers;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// InitProducerId v0-4, flexible from 2. A fresh id for every idempotent producer; a transactional id is refused until there is a transaction
/// coordinator, and this is where it will be asked.
/// <code>
/// request:  transactional id (nullable) | timeout ms | (v3+) producer id, epoch
/// response: throttle ms | error | producer id | epoch
/// </code>
/// </summary>
internal sealed class InitProducerIdApi(ProducerIds ids) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.InitProducerId, 0, 4, 2);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var transactional = call.Request.NullableString() is not null;
        call.Request.Int32();
        call.Response.Int32(0);
        call.Response.Error(transactional ? ErrorCode.InvalidRequest : ErrorCode.None);
        call.Response.Int64(transactional ? -1 : ids.Next());
        call.Response.Int16(transactional ? (short)-1 : (short)0);
        call.Response.Tags();
        return ValueTask.CompletedTask;
    }
}
