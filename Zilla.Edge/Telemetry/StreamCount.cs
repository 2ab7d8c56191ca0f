namespace Zilla.Edge.Telemetry;

/// <summary>One stream, while it is open. Each direction ends once, however often it is said; what is told after that does not count.</summary>
public sealed class StreamCount
{
    private const int Open = 1;
    private const int Over = 2;

    private readonly StreamMetrics _metrics;
    private int _received = Open;
    private int _sent;

    internal StreamCount(StreamMetrics metrics)
    {
        _metrics = metrics;
        metrics.Opened(sent: false);
    }

    /// <summary>The answer has begun.</summary>
    public void Answer()
    {
        if (Interlocked.CompareExchange(ref _sent, Open, 0) == 0)
        {
            _metrics.Opened(sent: true);
        }
    }

    public void Received(long bytes) => _metrics.Data(sent: false, bytes);

    public void Sent(long bytes) => _metrics.Data(sent: true, bytes);

    /// <summary>The client has said all.</summary>
    public void ReceivedAll(bool failed = false)
    {
        if (Interlocked.Exchange(ref _received, Over) == Open)
        {
            _metrics.Ended(sent: false, failed);
        }
    }

    /// <summary>The answer is over; one that has not begun never will.</summary>
    public void SentAll(bool failed = false)
    {
        if (Interlocked.Exchange(ref _sent, Over) == Open)
        {
            _metrics.Ended(sent: true, failed);
        }
    }
}
