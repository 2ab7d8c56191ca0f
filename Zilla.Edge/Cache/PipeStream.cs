using Microsoft.Extensions.Logging;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>One stream of a pipe, from BEGIN to its end: sends what is there in order, and has told what the cache answers.</summary>
/// <param name="records">What is sent.</param>
/// <param name="resends">Records that failed for a reason that is not their own stay, for the next stream.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class PipeStream(PipeRecords records, bool resends, TimeProvider time, ILogger logger)
{
    private readonly WakeSignal _more = new();
    private readonly List<PipeCompletion> _told = [];
    private volatile bool _ending;
    private long _lastAnswer = time.GetTimestamp();

    /// <summary>The cache has accepted the stream.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>How long a record that was sent has waited for any answer; zero when none waits.</summary>
    public TimeSpan Silence => records.IsAwaiting ? time.GetElapsedTime(Interlocked.Read(ref _lastAnswer)) : TimeSpan.Zero;

    /// <summary>There is more to send.</summary>
    public void Wake() => _more.Set();

    /// <summary>Sends what is there, and then END.</summary>
    public void Finish()
    {
        _ending = true;
        _more.Set();
    }

    /// <summary>Null: the stream was finished. Else why the cache takes no more: what it has not answered for was not written.</summary>
    /// <exception cref="StreamBrokenException">The stream broke: it is not known what became of that for which there was no answer, unless it is a refusal.</exception>
    public async Task<StreamBrokenException?> RunAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(stream, reading.Token);
        try
        {
            return await ReadAsync(stream, reading.Token);
        }
        finally
        {
            await reading.CancelAsync();
            Finish();
            await sending;
        }
    }

    private async Task SendAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var ending = _ending;
                if (!records.IsAwaiting)
                {
                    Interlocked.Exchange(ref _lastAnswer, time.GetTimestamp());
                }

                while (records.TrySend(out var extension, out var value))
                {
                    await stream.WriteRecordAsync(extension, value, cancellationToken);
                }

                if (ending)
                {
                    stream.End();
                    return;
                }

                await _more.WaitAsync();
            }
        }
        catch (Exception broken) when (broken is StreamBrokenException or OperationCanceledException or InvalidOperationException)
        {
            // Who reads learns why.
        }
    }

    private async Task<StreamBrokenException?> ReadAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await stream.ReadAsync(cancellationToken);
            switch (frame.Kind)
            {
                case FrameKind.Begin:
                    IsAccepted = true;
                    break;
                case FrameKind.Flush:
                    Answer(frame.Extension);
                    break;
                case FrameKind.End:
                    return StoppedBy(frame);
            }
        }
    }

    private void Answer(ReadOnlyMemory<byte> extension)
    {
        var written = 0;
        var runs = new ProducedReader(extension.Span);
        try
        {
            while (runs.TryRead(out var run))
            {
                var again = resends && run.Cause is not Cause.Unspecified && !run.Cause.IsFinal();
                records.Answer(run, again, _told);
                if (run.Cause == Cause.Unspecified)
                {
                    written += run.Count;
                }
                else if (!again)
                {
                    EdgeTelemetry.NotProduced.Add(run.Count, new KeyValuePair<string, object?>("error.type", run.Cause.ToString()));
                }
            }
        }
        finally
        {
            EdgeTelemetry.Produced.Add(written);
            PipeCompletion.Tell(_told, logger);
        }

        Interlocked.Exchange(ref _lastAnswer, time.GetTimestamp());
        if (!runs.IsSound)
        {
            throw new StreamBrokenException(Cause.ProtocolError, "KafkaFlushEx cannot be decoded.");
        }
    }

    private static StreamBrokenException? StoppedBy(in StreamFrame end)
    {
        if (end.ExtensionKind != ExtensionKind.Kafka)
        {
            return null;
        }

        return end.Parse(ExtensionKind.Kafka, KafkaEndEx.Parser).Stopped is not { } stopped ? null
            : new(stopped.Cause is > 0 and <= (uint)Cause.ShuttingDown ? (Cause)stopped.Cause : Cause.Internal, stopped.Message, TimeSpan.FromMilliseconds(stopped.RetryAfterMs));
    }
}
