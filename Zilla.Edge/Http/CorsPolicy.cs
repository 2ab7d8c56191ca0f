using System.Globalization;
using Microsoft.AspNetCore.Http;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Http;

/// <summary>
/// Cross-origin resource sharing (Fetch standard §3.2; reference §2.4): answers preflights, refuses origins that are not allowed, and marks
/// the other responses.
/// </summary>
public sealed class CorsPolicy(CrossOriginPolicy policy)
{
    private const string AnyValue = "*";

    /// <summary>True: the exchange has been answered. False: it goes on, its response headers are set.</summary>
    public async Task<bool> AnswersAsync(Exchange exchange)
    {
        var (request, response) = (exchange.Request, exchange.Response);
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0 || origin == $"{request.Scheme}://{request.Host.Value}")
        {
            return false;
        }

        var preflight = HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0;
        if (Refusal(request, origin, preflight) is { } refusal)
        {
            await exchange.RejectAsync(StatusCodes.Status403Forbidden, refusal);
            return true;
        }

        AllowOrigin(response, origin);
        if (preflight)
        {
            AllowRequest(request, response);
            response.StatusCode = StatusCodes.Status204NoContent;
            return true;
        }

        Expose(response);
        return false;
    }

    private string? Refusal(HttpRequest request, string origin, bool preflight)
    {
        if (policy.AllowOrigins.Count > 0 && !policy.AllowOrigins.Contains(origin, StringComparer.Ordinal))
        {
            return $"The origin {origin} is not allowed.";
        }

        if (!preflight)
        {
            return null;
        }

        var method = request.Headers.AccessControlRequestMethod.ToString();
        if (policy.AllowMethods.Count > 0 && !policy.AllowMethods.Contains(method, StringComparer.Ordinal))
        {
            return $"The method {method} is not allowed.";
        }

        var headers = request.Headers.GetCommaSeparatedValues("Access-Control-Request-Headers");
        return policy.AllowHeaders.Count > 0 && headers.FirstOrDefault(h => !policy.AllowHeaders.Contains(h, StringComparer.OrdinalIgnoreCase)) is { } refused
            ? $"The header {refused} is not allowed."
            : null;
    }

    private void AllowOrigin(HttpResponse response, string origin)
    {
        if (policy.AllowOrigins.Count == 0 && !policy.AllowCredentials)
        {
            response.Headers.AccessControlAllowOrigin = AnyValue;
            return;
        }

        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.Vary = "Origin";
        if (policy.AllowCredentials)
        {
            response.Headers.AccessControlAllowCredentials = "true";
        }
    }

    /// <summary>What is allowed by a wildcard is named all the same: <c>*</c> covers neither Authorization nor requests with credentials.</summary>
    private void AllowRequest(HttpRequest request, HttpResponse response)
    {
        response.Headers.AccessControlAllowMethods = policy.AllowMethods.Count > 0
            ? string.Join(", ", policy.AllowMethods)
            : request.Headers.AccessControlRequestMethod.ToString();
        var headers = policy.AllowHeaders.Count > 0 ? string.Join(", ", policy.AllowHeaders) : request.Headers.AccessControlRequestHeaders.ToString();
        if (headers.Length > 0)
        {
            response.Headers.AccessControlAllowHeaders = headers;
        }

        if (policy.MaxAge is { } age)
        {
            response.Headers.AccessControlMaxAge = ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
    }

    private void Expose(HttpResponse response)
    {
        if (policy.ExposeHeaders.Count > 0)
        {
            response.Headers.AccessControlExposeHeaders = string.Join(", ", policy.ExposeHeaders);
        }
        else if (!policy.AllowCredentials)
        {
            response.Headers.AccessControlExposeHeaders = AnyValue;
        }
        else
        {
            response.OnStarting(() =>
            {
                response.Headers.AccessControlExposeHeaders = string.Join(", ", response.Headers.Keys.Where(k => !k.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)));
                return Task.CompletedTask;
            });
        }
    }
}
