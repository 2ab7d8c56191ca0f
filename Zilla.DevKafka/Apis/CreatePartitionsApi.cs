using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// CreatePartitions v0-3, flexible from 2. Assignments are read and not needed: there is one node.
/// <code>
/// request:  [topic, new count, [[node]] (nullable)] | timeout ms | validate only
/// response: throttle ms | [topic, error, message]
/// </code>
/// </summary>
internal sealed class CreatePartitionsApi(TopicStore topics) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.CreatePartitions, 0, 3, 2);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w) = (call.Request, call.Response);
        var wanted = r.Array(t =>
        {
            var topic = (Name: t.String(), Count: t.Int32());
            t.NullableArray(a =>
            {
                a.Array(n => n.Int32());
                a.Tags();
                return 0;
            });
            t.Tags();
            return topic;
        });
        r.Int32();
        var validateOnly = r.Bool();
        var results = wanted.ConvertAll(t => (t.Name, Result: topics.Grow(t.Name, t.Count, validateOnly)));

        w.Int32(0);
        w.Array(results, static (t, result) =>
        {
            t.String(result.Name);
            t.Error(result.Result.Error);
            t.String(result.Result.Message);
            t.Tags();
        });
        w.Tags();
        return ValueTask.CompletedTask;
    }
}
