using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// IncrementalAlterConfigs v0-1, flexible from 1.
/// <code>
/// request:  [type: int8, name, [config, operation: int8 (0 set, 1 delete, 2 append, 3 subtract), value]] | validate only
/// response: throttle ms | [error, message, type, name]
/// </code>
/// </summary>
internal sealed class IncrementalAlterConfigsApi(TopicStore topics) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.IncrementalAlterConfigs, 0, 1, 1);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var wanted = call.Request.Array(c =>
        {
            var resource = new ConfigResource(c.Int8(), c.String());
            var changes = c.Array(e =>
            {
                var change = (Name: e.String(), Operation: e.Int8(), Value: e.NullableString());
                e.Tags();
                return change;
            });
            c.Tags();
            return (Resource: resource, Changes: changes);
        });
        var validateOnly = call.Request.Bool();
        AlterConfigsApi.WriteResults(call.Response, wanted.ConvertAll(a => (a.Resource, AlterConfigsApi.Apply(topics, a.Resource, validateOnly, settings =>
            a.Changes.Select(c => Change(settings, c.Name, c.Operation, c.Value)).FirstOrDefault(error => error is not null)))));
        return ValueTask.CompletedTask;
    }

    private static string? Change(Dictionary<string, string> settings, string name, sbyte operation, string? value)
    {
        if (!TopicConfigKeys.All.TryGetValue(name, out var key))
        {
            return $"unknown topic config '{name}'";
        }

        if (operation == 1)
        {
            settings.Remove(name);
            return null;
        }

        if (value is null || operation is < 0 or > 3 || (operation >= 2 && key.Type != ConfigType.List))
        {
            return $"operation {operation} cannot be applied to topic config '{name}'";
        }

        var list = settings.GetValueOrDefault(name, key.Default).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var named = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        settings[name] = operation switch
        {
            0 => value,
            2 => string.Join(',', list.Union(named)),
            _ => string.Join(',', list.Except(named)),
        };
        return null;
    }
}
