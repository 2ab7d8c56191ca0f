using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// JoinGroup v0-9, flexible from 6. Answered when all members have joined.
/// <code>
/// request:  group | session timeout ms | (v1+) rebalance timeout ms | member | (v5+) instance | protocol type | [protocol, metadata] | (v8+) reason
/// response: (v2+) throttle ms | error | generation | (v7+) protocol type | protocol | leader | (v9+) skip assignment | member
///           | [member, (v5+) instance, metadata] (leader only)
/// </code>
/// </summary>
internal sealed class JoinGroupApi(GroupCoordinator groups) : IApi
{
    /// <summary>From here on a new member is first given its id and has to come again with it, so that a lost answer leaves no ghost.</summary>
    private const short MemberIdRequiredFrom = 4;

    public ApiVersionRange Versions { get; } = new(ApiKey.JoinGroup, 0, 9, 6);

    public async ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, version) = (call.Request, call.Version);
        var group = r.String();
        var session = r.Int32();
        var rebalance = version >= 1 ? r.Int32() : session;
        var member = r.String();
        var instance = version >= 5 ? r.NullableString() : null;
        var type = r.String();
        var protocols = r.Array(p =>
        {
            var protocol = new GroupProtocol(p.String(), p.Bytes().ToArray());
            p.Tags();
            return protocol;
        });
        var request = new JoinRequest(
            member, instance, call.ClientId, "/" + call.Client, TimeSpan.FromMilliseconds(session), TimeSpan.FromMilliseconds(Math.Max(0, rebalance)), type, protocols,
            MustKnowMember: version >= MemberIdRequiredFrom, CanSkipAssignment: version >= 9);
        var result = group.Length == 0
            ? new JoinResult(ErrorCode.InvalidGroupId, member)
            : await groups.FindOrAdd(group).Join(request).WaitAsync(cancellation);
        Write(call.Response, version, result);
    }

    private static void Write(WireWriter w, short version, JoinResult result)
    {
        if (version >= 2)
        {
            w.Int32(0);
        }

        w.Error(result.Error);
        w.Int32(result.Generation);
        if (version >= 7)
        {
            w.String(result.ProtocolType);
        }

        w.String(result.Protocol ?? (version >= 7 ? null : ""));
        w.String(result.Leader);
        if (version >= 9)
        {
            w.Bool(result.SkipAssignment);
        }

        w.String(result.MemberId);
        w.Array(result.Members ?? [], (m, joined) =>
        {
            m.String(joined.Id);
            if (version >= 5)
            {
                m.String(joined.InstanceId);
            }

            m.Bytes(joined.Metadata);
            m.Tags();
        });
        w.Tags();
    }
}
