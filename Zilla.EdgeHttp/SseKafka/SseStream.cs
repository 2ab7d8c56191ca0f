using System.Diagnostics;
using Zilla.Edge.Cache;
using Zilla.Edge.Http;
using Zilla.EdgeHttp.Sse;
using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.SseKafka;

/// <summary>
/// Writes one subscription to one client. Whatever is pending goes out in one flush; the flush waits for the client, and meanwhile the
/// subscription's own bounds hold: a slow client costs nobody else anything.
/// </summary>
internal sealed class SseStream(Exchange exchange, SseRequest request, Subscription subscription, bool idWithKey, HttpEdgeOptions options, TimeProvider time, ILogger logger)
{
    private const int FlushBytes = 64 << 10;

    private readonly CountingWriter _body = new(exchange.Response.BodyWriter, exchange);
    private readonly Activity? _span = Activity.Current;
    private Task? _more;

    /// <summary>
    /// Ends when the client has gone, its credentials have expired, the listener closes, the route is another or the topic is lost; in the latter three a
    /// client comes back by itself.
    /// </summary>
    public async Task RunAsync()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, exchange.Closing, request.Rerouted);
        try
        {
            await StartAsync(ending.Token);
            await WriteAsync(ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The response ends here, in order as far as it got.
        }
        catch (StreamBrokenException e)
        {
            SseKafkaLog.Ended(logger, exchange.Path, e.Cause, e.Message);
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        BodyLimits.LiftResponseRate(exchange);
        exchange.Response.ContentType = request.Timestamps ? SseServerModel.EventStream + ";ext=timestamp" : SseServerModel.EventStream;
        exchange.Response.Headers.CacheControl = "no-cache";
        await exchange.Response.StartAsync(cancellationToken); // before that, Kestrel's writer has no buffer to give
        SseWriter.Retry(_body, request.Retry);
        await _body.FlushAsync(cancellationToken);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await WriteAsync(giveUp.Token, cancellationToken);
        }
        finally
        {
            // The subscription has one reader: a wait that is still going on must be over before it is disposed.
            await giveUp.CancelAsync();
            await (_more ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(CancellationToken waiting, CancellationToken writing)
    {
        while (true)
        {
            if (exchange.Lease?.TakeChallenge() == true)
            {
                SseWriter.Challenge(_body);
            }

            while (_body.Unflushed < FlushBytes && _more is null && subscription.TryRead(out var record))
            {
                Write(record);
            }

            if (_body.Unflushed > 0)
            {
                await _body.FlushAsync(writing);
                continue;
            }

            _more ??= subscription.WaitToReadAsync(waiting);
            if (!_more.IsCompleted)
            {
                await (exchange.Lease is { } lease ? Task.WhenAny(_more, lease.Challenged) : _more).WaitAsync(options.SseKeepAlive, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (_more.IsCompleted)
            {
                await _more;
                _more = null;
            }
            else if (exchange.Lease?.Challenged.IsCompleted != true)
            {
                SseWriter.Comment(_body);
            }
        }
    }

    private void Write(in KafkaRecord record)
    {
        using var span = EventTrace.Start(record, _span, exchange.Route, time.GetUtcNow());
        EventId.Write(_body, subscription.Position, record, idWithKey);
        if (record.IsTombstone)
        {
            SseWriter.Delete(_body, record.Key.Span);
        }
        else
        {
            SseWriter.Data(_body, record.Value.Span);
        }

        if (request.Timestamps)
        {
            SseWriter.Timestamp(_body, record.Timestamp);
        }

        SseWriter.EndOfEvent(_body);
    }
}
