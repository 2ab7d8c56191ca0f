using Grpc.Core;
using Zilla.Streams.Lanes;

namespace Zilla.Streams.Network;

/// <summary>A lane over one call of <c>Streams.Lane</c>; both sides of gRPC look alike from here.</summary>
internal class GrpcTransport(IAsyncStreamReader<LaneBatch> reader, IAsyncStreamWriter<LaneBatch> writer) : ILaneTransport
{
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);

    // Written out before the next send begins, so one object serves all sends.
    private readonly LaneBatch _outgoing = new();

    public ValueTask SendAsync(ReadOnlyMemory<byte> batch, bool more, CancellationToken cancellationToken)
    {
        _outgoing.Bytes = batch;
        writer.WriteOptions = more ? Buffered : WriteOptions.Default;
        return new(writer.WriteAsync(_outgoing, cancellationToken));
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken) =>
        await reader.MoveNext(cancellationToken) ? reader.Current.Bytes : default(ReadOnlyMemory<byte>?);

    /// <summary>A server completes its side by returning from the call.</summary>
    public virtual ValueTask CompleteAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The side that dialled owns the call.</summary>
internal sealed class GrpcClientTransport(AsyncDuplexStreamingCall<LaneBatch, LaneBatch> call) : GrpcTransport(call.ResponseStream, call.RequestStream)
{
    public override ValueTask CompleteAsync() => new(call.RequestStream.CompleteAsync());

    public override ValueTask DisposeAsync()
    {
        call.Dispose();
        return ValueTask.CompletedTask;
    }
}
