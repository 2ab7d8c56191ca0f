namespace Zilla.Streams.Lanes;

/// <summary>Moves whole batches between the two ends of one lane, in order. One sender and one receiver at a time.</summary>
internal interface ILaneTransport : IAsyncDisposable
{
    /// <summary>Sends a batch; its memory is the caller's again when the task completes.</summary>
    /// <param name="batch">The encoded <c>Batch</c>.</param>
    /// <param name="more">Another batch follows at once: this one need not be flushed for its own sake.</param>
    /// <param name="cancellationToken">Gives up; the lane is then of no more use.</param>
    ValueTask SendAsync(ReadOnlyMemory<byte> batch, bool more, CancellationToken cancellationToken);

    /// <summary>The next batch, in memory that is never used again, or null when the peer has closed its side in order.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Tells the peer that nothing more will be sent.</summary>
    ValueTask CompleteAsync();
}
