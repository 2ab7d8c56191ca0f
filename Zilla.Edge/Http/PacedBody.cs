using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Http;

/// <summary>
/// A response over HTTP/2 that its client has to read at a minimum rate, or its stream is reset. Kestrel's own limit holds for a connection as a
/// whole, and so would cut off an event stream that may stall together with everything beside it; this one can be lifted as over HTTP/1.1.
/// </summary>
public sealed class PacedBody : PipeWriter, IHttpResponseBodyFeature, IHttpMinResponseDataRateFeature
{
    private readonly HttpContext _context;
    private readonly IHttpResponseBodyFeature _body;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _pending;

    private PacedBody(HttpContext context, IHttpResponseBodyFeature body, MinDataRate rate, TimeProvider time, ILogger logger) =>
        (_context, _body, MinDataRate, _time, _logger) = (context, body, rate, time, logger);

    public MinDataRate? MinDataRate { get; set; }

    public Stream Stream => field ??= AsStream(leaveOpen: true);

    public PipeWriter Writer => this;

    public override bool CanGetUnflushedBytes => _body.Writer.CanGetUnflushedBytes;

    public override long UnflushedBytes => _body.Writer.UnflushedBytes;

    /// <summary>Has the rate hold for the response, of whichever protocol.</summary>
    public static void Apply(HttpContext context, MinDataRate rate, TimeProvider time, ILogger logger)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } own)
        {
            own.MinDataRate = rate;
        }
        else if (context.Features.Get<IHttpResponseBodyFeature>() is { } body)
        {
            var paced = new PacedBody(context, body, rate, time, logger);
            context.Features.Set<IHttpResponseBodyFeature>(paced);
            context.Features.Set<IHttpMinResponseDataRateFeature>(paced);
        }
    }

    /// <summary>Sends what is left of a response, at that rate too.</summary>
    public static Task CompleteAsync(HttpContext context) =>
        context.Features.Get<IHttpMinResponseDataRateFeature>() is PacedBody { MinDataRate: not null } paced ? paced.WatchAsync(paced._body.CompleteAsync()) : Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken = default) => _body.StartAsync(cancellationToken);

    public void DisableBuffering() => _body.DisableBuffering();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public Task CompleteAsync() => WatchAsync(_body.CompleteAsync());

    public override Memory<byte> GetMemory(int sizeHint = 0) => _body.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _body.Writer.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        _pending += bytes;
        _body.Writer.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Watch(_body.Writer.FlushAsync(cancellationToken));

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        _pending += source.Length;
        return Watch(_body.Writer.WriteAsync(source, cancellationToken));
    }

    public override void CancelPendingFlush() => _body.Writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _body.Writer.Complete(exception);

    private ValueTask<FlushResult> Watch(ValueTask<FlushResult> flush)
    {
        if (flush.IsCompleted || MinDataRate is null)
        {
            _pending = 0;
            return flush;
        }

        return Await(this, flush.AsTask());

        static async ValueTask<FlushResult> Await(PacedBody self, Task<FlushResult> flush)
        {
            await self.WatchAsync(flush).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await flush;
        }
    }

    /// <summary>Resets the stream if the client does not take what is pending in time.</summary>
    private async Task WatchAsync(Task sending)
    {
        if (MinDataRate is { } rate && !sending.IsCompleted)
        {
            var seconds = _pending / rate.BytesPerSecond;
            var allowed = rate.GracePeriod > TimeSpan.FromSeconds(seconds) ? rate.GracePeriod : TimeSpan.FromSeconds(seconds);
            using var deadline = new CancellationTokenSource(allowed, _time);
            await using var abort = deadline.Token.UnsafeRegister(static self => ((PacedBody)self!).Cut(), this);
            await sending;
        }

        _pending = 0;
        await sending;
    }

    private void Cut()
    {
        ServerLog.Cut(_logger, _context.Request.Method, _context.Request.Path);
        _context.Abort();
    }
}
