using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// DeleteTopics v0-6, flexible from 4. Offsets that groups committed for the topic go with it.
/// <code>
/// request:  (v0-5) [name] | (v6+) [nullable name, topic id] | timeout ms
/// response: (v1+) throttle ms | [name, (v6+) topic id, error, (v5+) message]
/// </code>
/// </summary>
internal sealed class DeleteTopicsApi(TopicStore topics, GroupCoordinator groups) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.DeleteTopics, 0, 6, 4);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (request, version) = (call.Request, call.Version);
        var wanted = request.Array(r =>
        {
            var name = version >= 6 ? r.NullableString() : r.String();
            var id = version >= 6 ? r.Uuid() : Guid.Empty;
            if (version >= 6)
            {
                r.Tags();
            }

            return (Name: name, Id: id);
        });
        request.Int32();
        var results = wanted.ConvertAll(t => (Name: t.Name ?? topics.Find(t.Id)?.Name, t.Id, Error: Delete(t.Name, t.Id)));
        if (version >= 1)
        {
            call.Response.Int32(0);
        }

        call.Response.Array(results, (w, r) =>
        {
            w.String(r.Name ?? (version >= 6 ? null : ""));
            if (version >= 6)
            {
                w.Uuid(r.Id);
            }

            w.Error(r.Error);
            if (version >= 5)
            {
                w.String(null);
            }

            w.Tags();
        });
        call.Response.Tags();
        return ValueTask.CompletedTask;
    }

    private ErrorCode Delete(string? name, Guid id)
    {
        if ((name ?? topics.Find(id)?.Name) is not { } known)
        {
            return ErrorCode.UnknownTopicId;
        }

        var error = topics.Delete(known);
        if (error == ErrorCode.None)
        {
            groups.ForgetTopic(known);
        }

        return error;
    }
}
