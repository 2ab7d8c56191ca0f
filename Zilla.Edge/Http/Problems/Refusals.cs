using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Http.Problems;

/// <summary>
/// Requests that never become one: malformed, too long, too slow. Kestrel refuses them before any middleware and answers HTTP/1.1 clients without
/// a body; it tells the reason by a diagnostic event alone, and here it becomes the body. Each has a span of its own, named by its trace id.
/// </summary>
public sealed class Refusals(DiagnosticListener diagnostics, ILogger<Refusals> logger) : IHostedService, IObserver<KeyValuePair<string, object?>>
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? _subscription;

    /// <summary>Connection middleware for HTTP/1.1.</summary>
    public static ConnectionDelegate Watch(ConnectionDelegate next) => connection =>
    {
        var output = new RefusalWriter(connection.Transport.Output);
        connection.Features.Set(output);
        connection.Transport = new Pipes(connection.Transport.Input, output);
        return next(connection);
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = diagnostics.Subscribe(this, name => name == BadRequest);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Called before Kestrel writes its answer.</summary>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is IFeatureCollection features
            && features.Get<RefusalWriter>() is { } output
            && features.Get<IHttpResponseFeature>() is { HasStarted: false }
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException refusal)
        {
            using var activity = EdgeTelemetry.Activities.StartActivity("refused", ActivityKind.Server)?
                .SetTag("http.response.status_code", refusal.StatusCode)
                .SetTag("error.type", refusal.Message);
            ProblemLog.Refused(logger, refusal.StatusCode, refusal.Message);
            var traceId = activity?.TraceId.ToHexString() ?? features.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier ?? "";
            output.Refuse(Problem.ToJson(refusal.StatusCode, refusal.Message, traceId), HttpMethods.IsHead(features.Get<IHttpRequestFeature>()?.Method ?? ""));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
