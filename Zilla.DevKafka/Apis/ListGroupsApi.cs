using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// ListGroups v0-5, flexible from 3. An empty filter lets all through.
/// <code>
/// request:  (v4+) [state] | (v5+) [type]
/// response: (v1+) throttle ms | error | [group, protocol type, (v4+) state, (v5+) type]
/// </code>
/// </summary>
internal sealed class ListGroupsApi(GroupCoordinator groups) : IApi
{
    private const string ClassicType = "classic";

    public ApiVersionRange Versions { get; } = new(ApiKey.ListGroups, 0, 5, 3);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (w, version) = (call.Response, call.Version);
        var states = version >= 4 ? call.Request.Array(r => r.String()) : [];
        var types = version >= 5 ? call.Request.Array(r => r.String()) : [];
        var found = groups.List().Where(g => Passes(states, g.State) && Passes(types, ClassicType)).ToList();
        if (version >= 1)
        {
            w.Int32(0);
        }

        w.Error(ErrorCode.None);
        w.Array(found, (g, group) =>
        {
            g.String(group.Id);
            g.String(group.ProtocolType);
            if (version >= 4)
            {
                g.String(group.State);
            }

            if (version >= 5)
            {
                g.String(ClassicType);
            }

            g.Tags();
        });
        w.Tags();
        return ValueTask.CompletedTask;
    }

    private static bool Passes(List<string> filter, string value) => filter.Count == 0 || filter.Contains(value, StringComparer.OrdinalIgnoreCase);
}
