using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// DescribeGroups v0-5, flexible from 5. A group nobody knows is answered as dead, without an error.
/// <code>
/// request:  [group] | (v3+) operations
/// response: (v1+) throttle ms | [error, group, state, protocol type, protocol, [member, (v4+) instance, client id, host, metadata, assignment], (v3+) operations]
/// </code>
/// </summary>
internal sealed class DescribeGroupsApi(GroupCoordinator groups) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.DescribeGroups, 0, 5, 5);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (w, version) = (call.Response, call.Version);
        var asked = call.Request.Array(r => r.String());
        if (version >= 1)
        {
            w.Int32(0);
        }

        w.Array(asked, (g, id) => Write(g, version, groups.Describe(id) ?? new GroupDescription(id, nameof(GroupState.Dead), "", "", [])));
        w.Tags();
        return ValueTask.CompletedTask;
    }

    private static void Write(WireWriter w, short version, GroupDescription group)
    {
        w.Error(ErrorCode.None);
        w.String(group.Id);
        w.String(group.State);
        w.String(group.ProtocolType);
        w.String(group.Protocol);
        w.Array(group.Members, (m, member) =>
        {
            m.String(member.Id);
            if (version >= 4)
            {
                m.String(member.InstanceId);
            }

            m.String(member.ClientId);
            m.String(member.ClientHost);
            m.Bytes(member.Metadata);
            m.Bytes(member.Assignment);
            m.Tags();
        });
        if (version >= 3)
        {
            w.Int32(int.MinValue);
        }

        w.Tags();
    }
}
