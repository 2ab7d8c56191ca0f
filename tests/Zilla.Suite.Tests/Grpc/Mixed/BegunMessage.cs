using System.Buffers.Binary;
using System.Net;

namespace Zilla.Suite.Tests.Grpc.Mixed;

/// <summary>The body of a call: one message of gRPC, up to so many of its bytes, and no end.</summary>
internal sealed class BegunMessage(int length) : HttpContent
{
    /// <summary>Of the message, with its prefix.</summary>
    public const int Length = 120_000;

    private const int Prefix = 5;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var message = new byte[length];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), Length - Prefix);
        await stream.WriteAsync(message, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
