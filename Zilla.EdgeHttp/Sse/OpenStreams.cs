using System.Collections.Concurrent;
using Zilla.Edge.Http;
using Zilla.Edge.Plans;

namespace Zilla.EdgeHttp.Sse;

/// <summary>
/// The event streams that are open, so that a change of the configuration ends those that it concerns: their clients come back with their last
/// event id and are served as the configuration now says. Streams that it serves as before go on.
/// </summary>
internal sealed class OpenStreams
{
    private readonly EdgeState<GatewayModel> _state;
    private readonly ConcurrentDictionary<OpenStream, bool> _open = new();

    public OpenStreams(EdgeState<GatewayModel> state)
    {
        _state = state;
        state.Changed += Look;
    }

    /// <summary>Dispose it before the request ends.</summary>
    public OpenStream Open(Exchange exchange, SseOrigin origin)
    {
        var stream = new OpenStream(exchange, origin, s => _open.TryRemove(s, out _));
        _open[stream] = true;

        // The configuration may have changed since the request was routed.
        stream.Look(_state.Current);
        return stream;
    }

    private void Look()
    {
        foreach (var (stream, _) in _open)
        {
            stream.Look(_state.Current);
        }
    }
}

/// <summary>What serves a stream; equal under two configurations if it is served in the same way.</summary>
internal sealed record SseOrigin(string Route, TimeSpan Retry);

internal sealed class OpenStream(Exchange exchange, SseOrigin origin, Action<OpenStream> closed) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _rerouted = new();
    private bool _isClosed;

    /// <summary>Cancelled when the configuration in force would serve the request in another way, or not at all.</summary>
    public CancellationToken Rerouted => _rerouted.Token;

    /// <summary>The request is looked at only while it lasts.</summary>
    public void Look(GatewayModel model)
    {
        lock (_gate)
        {
            if (!_isClosed && (model.Find(exchange)?.HandlerOf(exchange) as SseServerModel)?.OriginOf(exchange) != origin)
            {
                _ = _rerouted.CancelAsync();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        closed(this);
    }
}
