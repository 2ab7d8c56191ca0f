using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// LeaveGroup v0-5, flexible from 4.
/// <code>
/// request:  group | (v0-2) member | (v3+) [member, instance, (v5+) reason]
/// response: (v1+) throttle ms | error | (v3+) [member, instance, error]
/// </code>
/// </summary>
internal sealed class LeaveGroupApi(GroupCoordinator groups) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.LeaveGroup, 0, 5, 4);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w, version) = (call.Request, call.Response, call.Version);
        var group = groups.Find(r.String());
        List<(string Member, string? Instance)> leaving = version < 3 ? [(r.String(), null)] : r.Array(m =>
        {
            var member = (m.String(), m.NullableString());
            _ = version >= 5 ? m.NullableString() : null;
            m.Tags();
            return member;
        });
        var results = leaving.ConvertAll(m => (m.Member, m.Instance, Error: group?.Leave(m.Member, m.Instance) ?? ErrorCode.UnknownMemberId));
        if (version >= 1)
        {
            w.Int32(0);
        }

        w.Error(version < 3 ? results[0].Error : ErrorCode.None);
        if (version >= 3)
        {
            w.Array(results, static (m, result) =>
            {
                m.String(result.Member);
                m.String(result.Instance);
                m.Error(result.Error);
                m.Tags();
            });
        }

        w.Tags();
        return ValueTask.CompletedTask;
    }
}
