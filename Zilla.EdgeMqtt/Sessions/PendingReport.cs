using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>
/// What a session is told by the way: merged for an interval, and for as long as the one before is unanswered, so that nothing piles up while nobody owns the session. What is asked of the session
/// later comes later. For any thread.
/// </summary>
/// <param name="calls">Where it goes: with a number, so that it is sent again if the stream is lost on the way.</param>
/// <param name="interval">How long it may wait.</param>
/// <param name="time">The clock.</param>
internal sealed class PendingReport(SessionCalls calls, TimeSpan interval, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private MqttDelivery? _report;
    private Task _answered = Task.CompletedTask;
    private ITimer? _timer;

    public void Add(MqttDelivery delivery)
    {
        lock (_gate)
        {
            if (_report is not null)
            {
                _report.Add(delivery);
                return;
            }

            _report = delivery.Clone();
            _timer ??= time.CreateTimer(static report => ((PendingReport)report!).SendIfAnswered(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(interval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Does not wait any longer, if there is something to be told.</summary>
    public void Send()
    {
        lock (_gate)
        {
            if (_report is { } report)
            {
                (_report, _answered) = (null, calls.Add(new() { Delivery = report }));
                _ = _answered.ContinueWith(static sent => sent.Exception, TaskContinuationOptions.OnlyOnFaulted);
            }
        }
    }

    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void SendIfAnswered()
    {
        lock (_gate)
        {
            if (_answered.IsCompleted)
            {
                Send();
            }
            else if (_report is not null)
            {
                _timer!.Change(interval, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
