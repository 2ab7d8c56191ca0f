using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>Streams of this replica to itself: what reads a topic for a group reads it as an edge does, with the same credit, filters and history.</summary>
internal sealed class LocalStreams(Func<IStreamAcceptor> acceptor) : IStreamOpener, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private InProcessLanes? _lanes;

    public FrameStream Open(Begin begin)
    {
        lock (_gate)
        {
            _lanes ??= InProcessLanes.Connect(acceptor());
            try
            {
                return _lanes.Open(begin);
            }
            catch (StreamBrokenException)
            {
                // A lane that broke stays broken.
                _ = _lanes.DisposeAsync().AsTask();
                _lanes = InProcessLanes.Connect(acceptor());
                return _lanes.Open(begin);
            }
        }
    }

    public ValueTask DisposeAsync() => _lanes?.DisposeAsync() ?? default;
}
