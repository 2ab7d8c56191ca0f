using Zilla.Config.Bindings;
using Zilla.Config.Yaml;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.4 and §2.7: <c>options.requests</c>.</summary>
internal static class HttpRequestsReader
{
    public static IReadOnlyList<HttpRequestModels> Read(MappingReader options) => [.. options.Mappings("requests").Select(Request)];

    /// <summary>Of an sse binding: path and content alone.</summary>
    public static IReadOnlyList<HttpRequestModels> ReadEvents(MappingReader options) =>
    [
        .. options.Mappings("requests").Select(request =>
        {
            var read = new HttpRequestModels { Path = request.RequiredText("path"), Content = ModelReader.Read(request, "content") };
            request.Finish();
            return read;
        }),
    ];

    private static HttpRequestModels Request(MappingReader request)
    {
        var parameters = request.Mapping("params");
        var read = new HttpRequestModels
        {
            Path = request.RequiredText("path"),
            Method = request.Text("method"),
            ContentTypes = request.Texts("content-type"),
            Headers = ModelReader.ReadMap(request, "headers"),
            PathParams = ModelReader.ReadMap(parameters, "path"),
            QueryParams = ModelReader.ReadMap(parameters, "query"),
            Content = ModelReader.Read(request, "content"),
            Responses = [.. request.Mappings("responses").Select(Response)],
        };
        parameters?.Finish();
        request.Finish();
        return read;
    }

    private static HttpResponseModels Response(MappingReader response)
    {
        var read = new HttpResponseModels
        {
            Status = Status(response),
            ContentTypes = response.Texts("content-type"),
            Headers = ModelReader.ReadMap(response, "headers"),
            Content = ModelReader.Read(response, "content"),
        };
        response.Finish();
        return read;
    }

    /// <summary>A number, or a list of them.</summary>
    private static IReadOnlyList<int> Status(MappingReader response) => response.Take("status") is YamlScalar
        ? response.Number("status", 100, 599) is { } one ? [one] : []
        : [.. response.Items("status").Select(item => response.AsNumber(item.Node, item.Path, 100, 599)).OfType<int>()];
}
