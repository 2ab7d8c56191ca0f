using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Streams.Lanes;
using Zilla.Streams.V1;

namespace Zilla.Streams;

/// <summary>
/// Two real lanes joined in memory: what is opened here is accepted there, with the same frames, credit and faults as over the network.
/// For tests, and for services that share a process.
/// </summary>
public sealed class InProcessLanes : IStreamOpener, IAsyncDisposable
{
    private readonly Lane _dialler;
    private readonly Lane _acceptor;
    private readonly MemoryTransport _transport;

    private InProcessLanes(Lane dialler, Lane acceptor, MemoryTransport transport)
    {
        _dialler = dialler;
        _acceptor = acceptor;
        _transport = transport;
    }

    /// <summary>Streams can be opened at once.</summary>
    public static InProcessLanes Connect(IStreamAcceptor acceptor, LaneOptions? options = null, ILoggerFactory? logging = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(acceptor);
        var logger = (logging ?? NullLoggerFactory.Instance).CreateLogger(LaneLog.Category);
        var (here, there) = MemoryTransport.CreatePair();
        var lanes = new InProcessLanes(
            new(here, options ?? new(), acceptor: null, isDialler: true, logger, time ?? TimeProvider.System),
            new(there, options ?? new(), acceptor, isDialler: false, logger, time ?? TimeProvider.System),
            here);
        lanes._dialler.Start();
        lanes._acceptor.Start();
        return lanes;
    }

    public FrameStream Open(Begin begin) => _dialler.Open(begin);

    /// <summary>Streams open now, as the accepting side counts them.</summary>
    public int OpenStreams => _acceptor.OpenStreams;

    /// <summary>Loses the connection, as when the peer's process dies: all streams break with <see cref="Cause.LaneLost"/>.</summary>
    public void Cut() => _transport.Cut();

    /// <summary>Closes in order from the accepting side, as a service that shuts down does.</summary>
    public Task CloseAsync() => _acceptor.CloseAsync();

    public async ValueTask DisposeAsync()
    {
        await _dialler.DisposeAsync();
        await _acceptor.DisposeAsync();
    }
}
