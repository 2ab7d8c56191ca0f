using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// SyncGroup v0-5, flexible from 4. Answered when the leader's assignment is there.
/// <code>
/// request:  group | generation | member | (v3+) instance | (v5+) protocol type, protocol | [member, assignment] (leader only)
/// response: (v1+) throttle ms | error | (v5+) protocol type, protocol | assignment
/// </code>
/// </summary>
internal sealed class SyncGroupApi(GroupCoordinator groups) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.SyncGroup, 0, 5, 4);

    public async ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w, version) = (call.Request, call.Response, call.Version);
        var group = r.String();
        var generation = r.Int32();
        var member = r.String();
        var instance = version >= 3 ? r.NullableString() : null;
        var type = version >= 5 ? r.NullableString() : null;
        var protocol = version >= 5 ? r.NullableString() : null;
        var assignments = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        r.Array(a =>
        {
            assignments[a.String()] = a.Bytes().ToArray();
            a.Tags();
            return 0;
        });
        var result = groups.Find(group) is { } found
            ? await found.Sync(new SyncRequest(member, instance, generation, type, protocol, assignments)).WaitAsync(cancellation)
            : SyncResult.Failed(ErrorCode.UnknownMemberId);

        if (version >= 1)
        {
            w.Int32(0);
        }

        w.Error(result.Error);
        if (version >= 5)
        {
            w.String(result.ProtocolType);
            w.String(result.Protocol);
        }

        w.Bytes(result.Assignment);
        w.Tags();
    }
}
