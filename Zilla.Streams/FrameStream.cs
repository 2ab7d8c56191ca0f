using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams;

/// <summary>
/// One logical stream as seen from one of its two ends. Reading and writing are independent; each is for one caller at a time.
/// Disposing a stream that is not yet over sends ABORT and RESET with <see cref="Cause.Cancelled"/>.
/// </summary>
public abstract class FrameStream : IAsyncDisposable
{
    /// <summary>The id on its lane, for logs and traces.</summary>
    public abstract ulong Id { get; }

    /// <summary>The BEGIN with which the opener opened the stream, for the acceptor; the opener's end does not keep it.</summary>
    /// <exception cref="InvalidOperationException">This is the opener's end.</exception>
    public abstract Begin Opening { get; }

    /// <summary>
    /// The next BEGIN (the opener sees the acceptor's), DATA, FLUSH, CHALLENGE or END. What is read gives its credit back to the peer.
    /// After END: throws <see cref="InvalidOperationException"/>.
    /// </summary>
    /// <exception cref="StreamBrokenException">The peer sent ABORT or RESET, or the lane was lost.</exception>
    public abstract ValueTask<StreamFrame> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>As <see cref="ReadAsync"/>, but gives false when nothing is there yet.</summary>
    public abstract bool TryRead(out StreamFrame frame);

    /// <summary>Answers the opener's BEGIN. The acceptor calls it once, before it writes anything else; RESET refuses instead.</summary>
    public abstract void Accept();

    /// <summary>Sends a DATA frame once there is credit for it. Payload and extension are copied before this returns or completes.</summary>
    /// <exception cref="StreamBrokenException">The peer sent RESET, or the lane was lost.</exception>
    public abstract ValueTask WriteDataAsync(
        ReadOnlyMemory<byte> payload, DataFlags flags, ExtensionKind kind = ExtensionKind.None, ReadOnlyMemory<byte> extension = default,
        CancellationToken cancellationToken = default);

    /// <summary>Sends a FLUSH frame once there is credit for it.</summary>
    /// <exception cref="StreamBrokenException">The peer sent RESET, or the lane was lost.</exception>
    public abstract ValueTask WriteFlushAsync(ExtensionKind kind, ReadOnlyMemory<byte> extension, CancellationToken cancellationToken = default);

    /// <summary>Closes this side's direction in order.</summary>
    public abstract void End(ExtensionKind kind = ExtensionKind.None, ReadOnlyMemory<byte> extension = default);

    /// <summary>Breaks this side's direction.</summary>
    public abstract void Abort(Cause cause, string message);

    /// <summary>Refuses or stops the peer's direction.</summary>
    public abstract void Reset(Cause cause, string message, TimeSpan retryAfter = default);

    /// <summary>Cancelled when the peer has broken either direction or the lane is lost: there is nobody left to write to.</summary>
    public abstract CancellationToken Broken { get; }

    public abstract ValueTask DisposeAsync();
}

/// <summary>A stream that ended before its END, and why.</summary>
public sealed class StreamBrokenException(Cause cause, string message, TimeSpan retryAfter = default) : IOException(message)
{
    public Cause Cause { get; } = cause;

    /// <summary>When a retry may succeed; zero = not known.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <summary>The stream was refused before it was accepted, or could not be opened at all. What that means for its purpose, the cause says.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>The same, to be thrown once more.</summary>
    internal StreamBrokenException Again() => new(Cause, Message, RetryAfter) { IsRefusal = IsRefusal };
}

/// <summary>Opens streams towards one replica of a service.</summary>
public interface IStreamOpener
{
    /// <summary>Sends BEGIN and gives the stream at once; the answer is the first frame read from it.</summary>
    /// <exception cref="StreamBrokenException">There is no lane to the replica now (<see cref="Cause.LaneLost"/>).</exception>
    FrameStream Open(Begin begin);
}

/// <summary>What a service does with the streams that others open towards it.</summary>
public interface IStreamAcceptor
{
    /// <summary>
    /// Called on the thread pool, once a stream; the stream lives at most as long as the returned task. A
    /// <see cref="StreamBrokenException"/> thrown here goes to the peer with its cause, any other exception as <see cref="Cause.Internal"/>.
    /// </summary>
    Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken);
}
