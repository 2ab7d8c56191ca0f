using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Zilla.DevKafka.Apis;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Listeners;

/// <summary>One client: reads a request, answers it, reads the next. Whatever goes wrong ends this connection and nothing else.</summary>
internal sealed class Connection(long id, Stream stream, IPAddress client, ApiTable apis, ListenerOptions options, TimeProvider time, ILogger logger)
{
    private const int SendPiece = 256 << 10;

    // One source for all deadlines of the connection: armed before each wait on the client, disarmed after.
    private readonly CancellationTokenSource _abort = new(Timeout.InfiniteTimeSpan, time);
    private CancellationToken _stopping;

    public async Task RunAsync(CancellationToken stopping)
    {
        _stopping = stopping;
        using var abort = _abort; // after what may still cancel it
        await using var stopped = stopping.UnsafeRegister(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 << 10));
        try
        {
            await ServeAsync(input);
        }
        catch (ProtocolException e)
        {
            logger.Refused(id, client, e.Message);
        }
        catch (TimeoutException e)
        {
            logger.Ended(id, client, e.Message);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            logger.Ended(id, client, e.Message);
        }
        catch (Exception e)
        {
            logger.Failed(id, client, e);
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    private async Task ServeAsync(PipeReader input)
    {
        var inside = false;
        while (true)
        {
            var read = await ReadAsync(input, inside);
            var buffer = read.Buffer;
            try
            {
                FrameResult result;
                while ((result = FrameReader.TryRead(ref buffer, options.MaximumRequestBytes, out var frame)) == FrameResult.Frame)
                {
                    await AnswerAsync(frame);
                }

                if (result == FrameResult.BadLength)
                {
                    throw new ProtocolException($"a request's length is not within {FrameReader.MinimumLength} and {options.MaximumRequestBytes} bytes");
                }

                inside = !buffer.IsEmpty;
                if (read.IsCompleted)
                {
                    if (inside)
                    {
                        throw new ProtocolException("the connection ended inside a request");
                    }

                    return;
                }
            }
            finally
            {
                input.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    private async ValueTask<ReadResult> ReadAsync(PipeReader input, bool inside)
    {
        var limit = inside ? options.StallTimeout : options.IdleTimeout;
        _abort.CancelAfter(limit);
        try
        {
            return await input.ReadAsync(_abort.Token);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came for {limit.TotalSeconds:0.#} s");
        }
        finally
        {
            _abort.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private async ValueTask AnswerAsync(ReadOnlySequence<byte> frame)
    {
        var length = (int)frame.Length;
        var rented = frame.IsSingleSegment ? null : ArrayPool<byte>.Shared.Rent(length);
        try
        {
            if (rented is not null)
            {
                frame.CopyTo(rented);
            }

            using var response = new WireWriter();
            if (await apis.HandleAsync(rented is null ? frame.First : rented.AsMemory(0, length), client, response, _abort.Token))
            {
                await SendAsync(response.Finish());
            }
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> response)
    {
        try
        {
            // In pieces, so that a slow reader of a large answer is told from one that does not read at all.
            for (; !response.IsEmpty; response = response[Math.Min(SendPiece, response.Length)..])
            {
                _abort.CancelAfter(options.StallTimeout);
                await stream.WriteAsync(response[..Math.Min(SendPiece, response.Length)], _abort.Token);
            }
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            throw new TimeoutException($"a response was not read for {options.StallTimeout.TotalSeconds:0.#} s");
        }
        finally
        {
            _abort.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }
}
