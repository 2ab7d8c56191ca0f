using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>
/// A call to a service: messages that go and come, how it ends. Reading and writing are independent, each for one caller at a time. Whatever goes wrong is its status, but for
/// the cancellation that its caller asked for. Disposing of it before its end tells the service that nobody waits any more.
/// </summary>
internal sealed class UpstreamCall : IAsyncDisposable
{
    /// <summary>Messages up to that go with their prefix in one piece.</summary>
    private const int OnePiece = 16 << 10;

    private static readonly StreamPipeReaderOptions Reading = new(bufferSize: 16 << 10, minimumReadSize: 4 << 10, useZeroByteReads: true);

    private readonly UpstreamTarget _target;
    private readonly MessageBudget _budget;
    private readonly UpstreamBody _body;
    private readonly Activity? _activity;
    private readonly CallClock? _clock;
    private readonly CancellationToken _cancel;
    private readonly CancellationTokenSource _aborted;
    private readonly HttpMessageInvoker? _own;
    private readonly Task<HttpResponseMessage> _responding;
    private PipeReader? _reader;
    private FrameReader? _frames;
    private bool _isOver;

    /// <param name="target">The service.</param>
    /// <param name="budget">What all messages may take.</param>
    /// <param name="connections">To the service.</param>
    /// <param name="isAlone">They are for this call, and end with it.</param>
    /// <param name="request">What is sent.</param>
    /// <param name="refused">Why it is not; null: it is.</param>
    /// <param name="body">Of the request.</param>
    /// <param name="activity">The call in a trace.</param>
    /// <param name="clock">The time that the service has; null: any.</param>
    /// <param name="cancel">Ends the call.</param>
    internal UpstreamCall(
        UpstreamTarget target, MessageBudget budget, HttpMessageInvoker connections, bool isAlone, HttpRequestMessage request, Status? refused, UpstreamBody body, Activity? activity, CallClock? clock,
        CancellationToken cancel)
    {
        (_target, _budget, _body, _activity, _clock, _cancel) = (target, budget, body, activity, clock, cancel);
        _aborted = clock is null ? CancellationTokenSource.CreateLinkedTokenSource(cancel) : CancellationTokenSource.CreateLinkedTokenSource(cancel, clock.Ended);
        _own = isAlone ? connections : null;
        if (refused is { } status)
        {
            _body.Break();
            _responding = Task.FromCanceled<HttpResponseMessage>(new CancellationToken(canceled: true));
            End(status, []);
        }
        else
        {
            _responding = SendAsync(connections, request);
        }
    }

    /// <summary>Of the response; empty before it has begun.</summary>
    public IReadOnlyList<Metadatum> Headers { get; private set; } = [];

    /// <summary>Valid until the next is read.</summary>
    public ReadOnlyMemory<byte> Message => _frames?.Current ?? default;

    /// <summary>Whether the next message is there already.</summary>
    public bool HasNext => _frames?.HasNext is true;

    /// <summary>How it ended, once <see cref="ReadAsync"/> has said that there is no message any more.</summary>
    public Status Status { get; private set; }

    /// <summary>The connection was given up over headers or trailers, of this call's answer or of another's: only one that is alone can tell.</summary>
    public bool HasOverflowed { get; private set; }

    /// <summary>It ended since the service did nothing about it.</summary>
    public bool WasIdle { get; private set; }

    /// <summary>What came with the status.</summary>
    public IReadOnlyList<Metadatum> Trailers { get; private set; } = [];

    /// <summary>
    /// Sends a message; the bytes are not needed any more when this completes, which it does when the service takes them. What a call that has ended does not take is dropped.
    /// </summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message)
    {
        if (_isOver || await _body.Started is not { } stream)
        {
            return;
        }

        _clock?.Say();
        var inOnePiece = message.Length <= OnePiece;
        var piece = ArrayPool<byte>.Shared.Rent(MessageFrame.PrefixLength + (inOnePiece ? message.Length : 0));
        try
        {
            piece[0] = 0;
            BinaryPrimitives.WriteInt32BigEndian(piece.AsSpan(1), message.Length);
            if (inOnePiece)
            {
                message.CopyTo(piece.AsMemory(MessageFrame.PrefixLength));
                await stream.WriteAsync(piece.AsMemory(0, MessageFrame.PrefixLength + message.Length), _aborted.Token);
            }
            else
            {
                await stream.WriteAsync(piece.AsMemory(0, MessageFrame.PrefixLength), _aborted.Token);
                await stream.WriteAsync(message, _aborted.Token);
            }

            await stream.FlushAsync(_aborted.Token);
            _clock?.Said();
        }
        catch (Exception e) when (UpstreamStatus.IsFailure(e) && !_cancel.IsCancellationRequested)
        {
            // Whoever reads learns how the call has ended.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>There are no more messages to send.</summary>
    public ValueTask CompleteAsync()
    {
        _clock?.SaidAll();
        _body.Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for the head of the response: <see cref="Headers"/> are there. False: the call has ended with it.</summary>
    public async ValueTask<bool> BeginAsync()
    {
        if (_frames is not null || _isOver)
        {
            return !_isOver;
        }

        try
        {
            var response = await _responding;
            if (UpstreamStatus.OfSize(response.Headers) is { } tooLarge)
            {
                return End(tooLarge, []);
            }

            if (UpstreamStatus.OfHead(response) is { } status)
            {
                // Headers and trailers are one then, and count as the latter.
                return End(status, CallMetadata.Of(response.Headers));
            }

            Headers = CallMetadata.Of(response.Headers);
            _reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(_aborted.Token), Reading);
            _frames = new FrameReader(_reader, UpstreamStatus.Header(response.Headers, "grpc-encoding") ?? Encodings.Identity, _target.MaxMessage, _budget);
            return true;
        }
        catch (Exception e) when (UpstreamStatus.IsFailure(e) && !_cancel.IsCancellationRequested)
        {
            return Fail(e);
        }
    }

    /// <summary>The next message. False: there is none any more, the call has ended.</summary>
    /// <exception cref="OperationCanceledException">As its caller asked.</exception>
    public async ValueTask<bool> ReadAsync()
    {
        _clock?.Await();
        if (!await BeginAsync())
        {
            return false;
        }

        try
        {
            if (await _frames!.MoveNextAsync(_aborted.Token))
            {
                _clock?.Come();
                return true;
            }

            var trailers = (await _responding).TrailingHeaders;
            return UpstreamStatus.OfSize(trailers) is { } tooLarge ? End(tooLarge, []) : End(UpstreamStatus.OfTrailers(trailers), CallMetadata.Of(trailers));
        }
        catch (CallException e)
        {
            return End(e.Status, []);
        }
        catch (Exception e) when (UpstreamStatus.IsFailure(e) && !_cancel.IsCancellationRequested)
        {
            return Fail(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _body.Break();
        if (!_isOver)
        {
            await _aborted.CancelAsync();
        }

        _frames?.Release();
        if (_reader is not null)
        {
            await _reader.CompleteAsync();
        }

        await ((Task)_responding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_responding.IsCompletedSuccessfully)
        {
            (await _responding).Dispose();
        }

        _own?.Dispose();
        _aborted.Dispose();
        _activity?.SetTag("rpc.grpc.status_code", (int)(_isOver ? Status.Code : StatusCode.Cancelled));
        if (_isOver && !Status.IsOk)
        {
            _activity?.SetStatus(ActivityStatusCode.Error, Status.Message);
        }

        _activity?.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker connections, HttpRequestMessage request)
    {
        try
        {
            return await connections.SendAsync(request, _aborted.Token);
        }
        catch
        {
            _body.Break();
            throw;
        }
    }

    private bool Fail(Exception failure)
    {
        if (_clock?.Look() is { } late)
        {
            // Also where the service has looked at its clock first, and broken off.
            WasIdle = _clock.IsIdle;
            return End(late, []);
        }

        HasOverflowed = UpstreamStatus.IsOverflow(failure);
        return End(UpstreamStatus.Of(failure, _target, isAlone: _own is not null), []);
    }

    private bool End(Status status, IReadOnlyList<Metadatum> trailers)
    {
        (Status, Trailers, _isOver) = (status, trailers, true);
        return false;
    }
}
