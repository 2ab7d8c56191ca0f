using Microsoft.AspNetCore.Http;
using Zilla.Config.Bindings;
using Zilla.Edge.Http.Guards;

namespace Zilla.Edge.Http;

/// <summary>An http server binding, compiled.</summary>
public sealed class HttpServerModel(HttpServerBinding binding, HttpMetrics metrics, HttpGuard? guard, ServerAdmission? admission, IReadOnlyList<HttpRouteModel> routes, IExchangeHandler? otherwise)
{
    private readonly CorsPolicy? _cors = binding.CrossOrigin is { } policy ? new CorsPolicy(policy) : null;
    private readonly bool _http1 = binding.Versions.Contains("http/1.1");
    private readonly bool _http2 = binding.Versions.Contains("h2");

    public HttpMetrics Metrics => metrics;

    public Task HandleAsync(Exchange exchange)
    {
        if (!(HttpProtocol.IsHttp2(exchange.Request.Protocol) ? _http2 : _http1))
        {
            return exchange.RejectAsync(StatusCodes.Status505HttpVersionNotsupported, $"{binding.Name} does not speak {exchange.Request.Protocol}.");
        }

        // Most servers have nobody to ask, and what waits for nothing need not remember anything meanwhile.
        exchange.HasCrossOriginPolicy = _cors is not null;
        return _cors is null && guard is null && admission is null ? RouteAsync(exchange) : JudgeAsync(exchange);
    }

    /// <summary>What would serve a request now that has been let in before; null: nothing.</summary>
    public IExchangeHandler? HandlerOf(Exchange exchange) => Route(exchange, out _) is var handler && handler is MeteredHandler metered ? metered.Inner : handler;

    private async Task JudgeAsync(Exchange exchange)
    {
        if (_cors is not null && await _cors.AnswersAsync(exchange))
        {
            return;
        }

        if (admission is null)
        {
            await ServeAsync(exchange);
        }
        else if (await admission.AdmitsAsync(exchange))
        {
            try
            {
                await ServeAsync(exchange);
            }
            finally
            {
                admission.Leave(exchange);
            }
        }
    }

    private async Task ServeAsync(Exchange exchange)
    {
        if (guard is not null)
        {
            await guard.JudgeAsync(exchange);
        }

        if (admission is not null && !await admission.AdmitsIdentityAsync(exchange))
        {
            return;
        }

        if (guard is not null && HttpGuard.IsChallengeResponse(exchange.Request))
        {
            // Whether it helped is not told.
            exchange.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await RouteAsync(exchange);
    }

    private Task RouteAsync(Exchange exchange)
    {
        if (Route(exchange, out var path) is not { } handler)
        {
            return NoRoute.RejectAsync(exchange);
        }

        exchange.TakenBy(path);
        exchange.AcceptedBy(binding.Name);
        return handler.HandleAsync(exchange);
    }

    private IExchangeHandler? Route(Exchange exchange, out string? path)
    {
        path = null;
        foreach (var route in routes)
        {
            if (route.Matches(exchange, out path) && route.Guard.AdmitsMatching(exchange))
            {
                return route.Exit;
            }
        }

        path = null;
        return otherwise;
    }
}

/// <summary>A route of an http server; without conditions it takes everything.</summary>
public sealed record HttpRouteModel(RouteGuard Guard, IReadOnlyList<HttpConditionModel> When, IExchangeHandler Exit)
{
    /// <param name="exchange">The request.</param>
    /// <param name="path">The pattern that its path matches; null: any does.</param>
    public bool Matches(Exchange exchange, out string? path)
    {
        path = null;
        foreach (var condition in When)
        {
            if (condition.Matches(exchange))
            {
                path = condition.Path;
                return true;
            }
        }

        return When.Count == 0;
    }
}
