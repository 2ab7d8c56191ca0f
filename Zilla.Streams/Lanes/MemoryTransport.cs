using System.Threading.Channels;

namespace Zilla.Streams.Lanes;

/// <summary>One end of a lane inside the process. A batch is copied once, as gRPC's receiving side does.</summary>
internal sealed class MemoryTransport : ILaneTransport
{
    private readonly Channel<ReadOnlyMemory<byte>> _in;
    private readonly Channel<ReadOnlyMemory<byte>> _out;

    private MemoryTransport(Channel<ReadOnlyMemory<byte>> incoming, Channel<ReadOnlyMemory<byte>> outgoing)
    {
        _in = incoming;
        _out = outgoing;
    }

    public static (MemoryTransport Dialler, MemoryTransport Acceptor) CreatePair()
    {
        var there = Channel.CreateBounded<ReadOnlyMemory<byte>>(4);
        var back = Channel.CreateBounded<ReadOnlyMemory<byte>>(4);
        return (new(back, there), new(there, back));
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> batch, bool more, CancellationToken cancellationToken)
    {
        var copy = GC.AllocateUninitializedArray<byte>(batch.Length);
        batch.CopyTo(copy);
        return _out.Writer.WriteAsync(copy, cancellationToken);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (await _in.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_in.Reader.TryRead(out var batch))
            {
                return batch;
            }
        }

        return null;
    }

    public ValueTask CompleteAsync()
    {
        _out.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Cuts the connection, as a dying peer would.</summary>
    public void Cut()
    {
        _out.Writer.TryComplete(new IOException("The connection was cut."));
        _in.Writer.TryComplete(new IOException("The connection was cut."));
    }

    public ValueTask DisposeAsync()
    {
        _out.Writer.TryComplete();
        _in.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
