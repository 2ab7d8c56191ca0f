using System.Globalization;
using Zilla.Edge.Routing;
using Zilla.EdgeHttp.Server;

namespace Zilla.EdgeHttp.Files;

/// <summary>An http-filesystem binding, compiled (reference §2.5), for what only reads: GET and HEAD.</summary>
internal sealed class FilesHandler(IReadOnlyList<FilesRouteModel> routes) : IExchangeHandler
{
    public async Task HandleAsync(Exchange exchange)
    {
        // A page may be asked for with any query; files have none.
        var query = exchange.Path.IndexOf('?');
        var path = query < 0 ? exchange.Path : exchange.Path[..query];
        foreach (var route in routes)
        {
            if (MethodAndPath.TryMatch(route.When, exchange.Request.Method, path, out var parameters))
            {
                await ServeAsync(exchange, route, parameters);
                return;
            }
        }

        await NoRoute.RejectAsync(exchange);
    }

    private static async Task ServeAsync(Exchange exchange, FilesRouteModel route, PathParameters parameters)
    {
        var (request, response) = (exchange.Request, exchange.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            await exchange.RejectAsync(StatusCodes.Status405MethodNotAllowed, "Files are only read here.");
            return;
        }

        if (route.Folder.Find(Uri.UnescapeDataString(route.Path.Render(parameters))) is not { } file)
        {
            await exchange.RejectAsync(StatusCodes.Status404NotFound, "There is no such file.");
            return;
        }

        var content = await FileContent.ReadAsync(file, exchange.Aborted);
        response.Headers.ETag = content.EntityTag;
        if (Matches(request, content.EntityTag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = content.Type;
        response.ContentLength = content.Bytes.Length;
        response.Headers.LastModified = content.LastModified.ToString("R", CultureInfo.InvariantCulture);
        if (HttpMethods.IsGet(request.Method))
        {
            await response.Body.WriteAsync(content.Bytes, exchange.Aborted);
        }
    }

    private static bool Matches(HttpRequest request, string entityTag)
    {
        foreach (var candidate in request.Headers.GetCommaSeparatedValues("If-None-Match"))
        {
            var text = candidate.StartsWith("W/", StringComparison.Ordinal) ? candidate[2..] : candidate;
            if (text == "*" || text.Trim('"') == entityTag.Trim('"'))
            {
                return true;
            }
        }

        return false;
    }
}

internal sealed record FilesRouteModel(IReadOnlyList<MethodAndPath> When, Template Path, Folder Folder);
