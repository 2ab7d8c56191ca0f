using System.IO.Pipelines;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Messages;

/// <summary>How a message that has begun has to go on, so that nobody keeps memory for one that never ends.</summary>
/// <param name="Pause">In which so much more of it comes, or its end.</param>
/// <param name="Time">The clock.</param>
internal sealed record MessagePace(TimeSpan Pause, TimeProvider Time)
{
    /// <summary>Bytes. Less is not going on: a byte now and then would keep the rest for ever.</summary>
    public const int Least = 4 << 10;
}

/// <summary>A message that has begun and is not whole: the time that it has for the next of it. A reader has none between two messages. For one caller at a time.</summary>
/// <param name="pace">How it has to go on.</param>
internal sealed class BegunMessage(MessagePace pace) : IDisposable
{
    private CancellationTokenSource? _late;
    private CancellationTokenSource? _either;
    private long _come;

    /// <summary>Reads on.</summary>
    /// <param name="body">What it comes from.</param>
    /// <param name="come">Bytes of it that are there.</param>
    /// <param name="cancelled">The call is over.</param>
    /// <exception cref="CallException">It does not go on.</exception>
    public async ValueTask<ReadResult> ReadAsync(PipeReader body, long come, CancellationToken cancelled)
    {
        if (_either is null)
        {
            _late = new(pace.Pause, pace.Time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, _late.Token);
            _come = come;
        }
        else if (come - _come >= MessagePace.Least)
        {
            _late!.CancelAfter(pace.Pause);
            _come = come;
        }

        try
        {
            return await body.ReadAsync(_either.Token);
        }
        catch (OperationCanceledException) when (_late!.IsCancellationRequested && !cancelled.IsCancellationRequested)
        {
            throw MessageRefusals.Count(
                MessageRefusals.Pause, StatusCode.DeadlineExceeded, $"A message has begun and not gone on: less than {MessagePace.Least} bytes of it came in {pace.Pause} (Zilla:Edge:Grpc:MaxBegunPause).");
        }
    }

    /// <summary>It is whole, or nobody waits for it any more.</summary>
    public void Dispose()
    {
        _either?.Dispose();
        _late?.Dispose();
        (_either, _late) = (null, null);
    }
}
