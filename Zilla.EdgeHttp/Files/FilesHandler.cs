using System.Globalization;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Routing;
using Zilla.EdgeHttp.HttpKafka;
using Zilla.EdgeHttp.Server;

namespace Zilla.EdgeHttp.Files;

/// <summary>An http-filesystem binding, compiled (reference §2.5), for what only reads: GET and HEAD.</summary>
internal sealed class FilesHandler(IReadOnlyList<FilesRouteModel> routes, HttpGatewayParts parts) : IExchangeHandler
{
    public async Task HandleAsync(Exchange exchange)
    {
        // A page may be asked for with any query; files have none.
        var query = exchange.Path.IndexOf('?');
        var path = query < 0 ? exchange.Path : exchange.Path[..query];
        foreach (var route in routes)
        {
            if (route.Guard.Admits(exchange) && MethodAndPath.TryMatch(route.When, exchange, path, out var parameters))
            {
                await ServeAsync(exchange, route, parameters);
                return;
            }
        }

        await NoRoute.RejectAsync(exchange);
    }

    private async Task ServeAsync(Exchange exchange, FilesRouteModel route, PathParameters parameters)
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
        if (Conditions.IsUnchanged(request, content) && Preference.Wait(request, parts.Options.MaxWait) is { } wait)
        {
            content = await FileWait.ForChangeAsync(exchange, file, content, wait, parts);
        }

        response.Headers.ETag = content.EntityTag;
        if (!Conditions.Hold(request, content))
        {
            await exchange.RejectAsync(StatusCodes.Status412PreconditionFailed, "The file is another by now.");
            return;
        }

        if (Conditions.IsUnchanged(request, content))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.Headers.AcceptRanges = "bytes";
        response.Headers.LastModified = content.LastModified.ToString("R", CultureInfo.InvariantCulture);
        if (HttpMethods.IsHead(request.Method))
        {
            // Ranges are for GET alone (RFC 9110 §14.2).
            response.ContentType = content.Type;
            response.ContentLength = content.Bytes.Length;
            return;
        }

        await WriteAsync(exchange, content);
    }

    private static async Task WriteAsync(Exchange exchange, FileContent content)
    {
        var (response, bytes) = (exchange.Response, content.Bytes);
        var size = bytes.Length.ToString(CultureInfo.InvariantCulture);
        var asked = IsStill(exchange.Request.Headers.IfRange.ToString(), content) ? exchange.Request.Headers.Range : default;
        switch (ByteRange.Read(asked, bytes.Length, out var range))
        {
            case RangeOutcome.Unsatisfiable:
                response.Headers.ContentRange = $"bytes */{size}";
                await exchange.RejectAsync(StatusCodes.Status416RangeNotSatisfiable, $"The file has {size} bytes.");
                return;
            case RangeOutcome.Part:
                response.StatusCode = StatusCodes.Status206PartialContent;
                response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {range.First}-{range.Last}/{size}");
                bytes = bytes.Slice((int)range.First, (int)range.Length);
                break;
        }

        response.ContentType = content.Type;
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, exchange.Aborted);
    }

    /// <summary>If-Range (RFC 9110 §13.1.5): the tag, not a weak one, or the date that the client has a part of.</summary>
    private static bool IsStill(string condition, FileContent content) =>
        condition.Length == 0 || condition == content.EntityTag || condition == content.LastModified.ToString("R", CultureInfo.InvariantCulture);
}

internal sealed record FilesRouteModel(RouteGuard Guard, IReadOnlyList<MethodAndPath> When, Template Path, Folder Folder);
