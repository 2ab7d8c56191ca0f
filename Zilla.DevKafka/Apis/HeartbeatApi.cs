using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// Heartbeat v0-4, flexible from 4.
/// <code>
/// request:  group | generation | member | (v3+) instance
/// response: (v1+) throttle ms | error
/// </code>
/// </summary>
internal sealed class HeartbeatApi(GroupCoordinator groups) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.Heartbeat, 0, 4, 4);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w, version) = (call.Request, call.Response, call.Version);
        var group = r.String();
        var generation = r.Int32();
        var member = r.String();
        var instance = version >= 3 ? r.NullableString() : null;
        if (version >= 1)
        {
            w.Int32(0);
        }

        w.Error(groups.Find(group)?.Heartbeat(member, instance, generation) ?? ErrorCode.UnknownMemberId);
        w.Tags();
        return ValueTask.CompletedTask;
    }
}
