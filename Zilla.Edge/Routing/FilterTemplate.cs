using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Cache;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Routing;

/// <summary>The filters of a route, rendered with what its path bound.</summary>
public sealed class FilterTemplate
{
    private readonly List<Filter> _filters = [];

    private FilterTemplate()
    {
    }

    /// <exception cref="FormatException">An expression is unknown or names a parameter that is not bound.</exception>
    public static FilterTemplate Compile(IReadOnlyList<KafkaFilterConfig> filters, IReadOnlyCollection<string> parameters)
    {
        var compiled = new FilterTemplate();
        foreach (var filter in filters)
        {
            compiled._filters.Add(new Filter(
                filter.Key is { } key ? Template.Compile(key, parameters) : null,
                [.. filter.Headers.Select(h => ((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(h.Key), Template.Compile(h.Value, parameters)))]));
        }

        return compiled;
    }

    public IReadOnlyList<RecordFilter> Render(PathParameters parameters)
    {
        var rendered = new RecordFilter[_filters.Count];
        for (var i = 0; i < rendered.Length; i++)
        {
            var (key, headers) = _filters[i];
            var wanted = key is null ? default(ReadOnlyMemory<byte>?) : key.RenderUtf8(parameters);
            rendered[i] = new RecordFilter(wanted, Render(headers, parameters));
        }

        return rendered;
    }

    private static RecordHeader[] Render(IReadOnlyList<(ReadOnlyMemory<byte> Name, Template Value)> headers, PathParameters parameters)
    {
        var rendered = headers.Count == 0 ? [] : new RecordHeader[headers.Count];
        for (var i = 0; i < rendered.Length; i++)
        {
            rendered[i] = new RecordHeader(headers[i].Name, headers[i].Value.RenderUtf8(parameters));
        }

        return rendered;
    }

    private sealed record Filter(Template? Key, IReadOnlyList<(ReadOnlyMemory<byte> Name, Template Value)> Headers);
}
