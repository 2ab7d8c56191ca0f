using Zilla.Streams.Frames;
using Zilla.Streams.Lanes;
using Zilla.Streams.V1;

namespace Zilla.Streams.Kafka;

/// <summary>Writing records and progress to a stream.</summary>
public static class KafkaStreamExtensions
{
    /// <summary>Longest piece of a value in one frame, in bytes: with its framing it fits a preferred batch, and other streams get between.</summary>
    public const int MaxFragment = LaneOptions.PreferredBatch - 1024;

    /// <summary>Longest encoded <c>KafkaDataEx</c>, in bytes.</summary>
    public const int MaxExtension = LaneOptions.MaxBatch - LaneOptions.PreferredBatch;

    /// <summary>Sends a record: whole, or where it is large in pieces, INIT on the first and FIN on the last.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="extension">The encoded <c>KafkaDataEx</c>, see <see cref="KafkaRecordCodec"/>.</param>
    /// <param name="value">The value; empty for a tombstone.</param>
    /// <param name="cancellationToken">Before the first piece: nothing was sent. Between two: half a record was, and the stream is aborted.</param>
    /// <exception cref="StreamBrokenException">As the stream's; <see cref="Cause.InvalidRecord"/> when key and headers do not fit a frame.</exception>
    public static ValueTask WriteRecordAsync(
        this FrameStream stream, ReadOnlyMemory<byte> extension, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default) =>
        stream.WriteRecordAsync(ExtensionKind.Kafka, extension, value, cancellationToken);

    /// <summary>The same with the metadata of another protocol.</summary>
    /// <inheritdoc cref="WriteRecordAsync(FrameStream, ReadOnlyMemory{byte}, ReadOnlyMemory{byte}, CancellationToken)"/>
    public static ValueTask WriteRecordAsync(
        this FrameStream stream, ExtensionKind kind, ReadOnlyMemory<byte> extension, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (extension.Length > MaxExtension)
        {
            throw new StreamBrokenException(Cause.InvalidRecord, $"The record's key and headers take {extension.Length} bytes, more than a frame carries.");
        }

        return value.Length <= MaxFragment
            ? stream.WriteDataAsync(value, DataFlags.Whole, kind, extension, cancellationToken)
            : WriteInPiecesAsync(stream, kind, extension, value, cancellationToken);
    }

    /// <summary>Sends FLUSH with the progress that the stream has reached.</summary>
    public static ValueTask WriteProgressAsync(this FrameStream stream, KafkaProgress progress, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.WriteFlushAsync(ExtensionKind.Kafka, ProgressExtension.Encode(progress), cancellationToken);
    }

    /// <summary>Sends END with the progress that the stream has reached.</summary>
    public static void End(this FrameStream stream, KafkaProgress progress)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.End(ExtensionKind.Kafka, ProgressExtension.Encode(progress));
    }

    private static async ValueTask WriteInPiecesAsync(FrameStream stream, ExtensionKind kind, ReadOnlyMemory<byte> extension, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        await stream.WriteDataAsync(value[..MaxFragment], DataFlags.Init, kind, extension, cancellationToken);
        try
        {
            for (var sent = MaxFragment; sent < value.Length; sent += MaxFragment)
            {
                var last = value.Length - sent <= MaxFragment;
                var piece = last ? value[sent..] : value.Slice(sent, MaxFragment);
                await stream.WriteDataAsync(piece, last ? DataFlags.Fin : DataFlags.None, cancellationToken: cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            stream.Abort(Cause.Cancelled, "A record was given up halfway.");
            throw;
        }
    }
}
