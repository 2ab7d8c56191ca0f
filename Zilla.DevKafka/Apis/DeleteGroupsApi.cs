using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// DeleteGroups v0-2, flexible from 2: groups without members, with their offsets.
/// <code>
/// request:  [group]
/// response: throttle ms | [group, error]
/// </code>
/// </summary>
internal sealed class DeleteGroupsApi(GroupCoordinator groups) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.DeleteGroups, 0, 2, 2);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var results = call.Request.Array(r => r.String()).ConvertAll(id => (Id: id, Error: groups.Delete(id)));
        call.Response.Int32(0);
        call.Response.Array(results, static (w, result) =>
        {
            w.String(result.Id);
            w.Error(result.Error);
            w.Tags();
        });
        call.Response.Tags();
        return ValueTask.CompletedTask;
    }
}
