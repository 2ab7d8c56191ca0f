using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// AlterConfigs v0-2, flexible from 2: replaces all of a topic's settings.
/// <code>
/// request:  [type: int8, name, [config, value]] | validate only
/// response: throttle ms | [error, message, type, name]
/// </code>
/// </summary>
internal sealed class AlterConfigsApi(TopicStore topics) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.AlterConfigs, 0, 2, 2);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var wanted = call.Request.Array(c =>
        {
            var resource = new ConfigResource(c.Int8(), c.String());
            var configs = c.Array(e =>
            {
                var entry = (Name: e.String(), Value: e.NullableString());
                e.Tags();
                return entry;
            });
            c.Tags();
            return (Resource: resource, Configs: configs);
        });
        var validateOnly = call.Request.Bool();
        WriteResults(call.Response, wanted.ConvertAll(a => (a.Resource, Apply(topics, a.Resource, validateOnly, settings =>
        {
            settings.Clear();
            foreach (var (name, value) in a.Configs)
            {
                if (value is not null)
                {
                    settings[name] = value;
                }
            }

            return null;
        }))));
        return ValueTask.CompletedTask;
    }

    /// <summary>Changes a topic's settings; the broker's own are read only.</summary>
    public static TopicResult Apply(TopicStore topics, ConfigResource resource, bool validateOnly, Func<Dictionary<string, string>, string?> change) =>
        resource.Type == ConfigResource.Topic
            ? topics.Configure(resource.Name, change, validateOnly)
            : new(ErrorCode.InvalidRequest, Message: "only topics can be configured; the broker takes its settings at start");

    public static void WriteResults(WireWriter w, List<(ConfigResource Resource, TopicResult Result)> results)
    {
        w.Int32(0);
        w.Array(results, static (c, r) =>
        {
            c.Error(r.Result.Error);
            c.String(r.Result.Message);
            c.Int8(r.Resource.Type);
            c.String(r.Resource.Name);
            c.Tags();
        });
        w.Tags();
    }
}
