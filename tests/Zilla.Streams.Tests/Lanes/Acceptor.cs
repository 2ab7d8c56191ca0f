using Zilla.Streams.Frames;

namespace Zilla.Streams.Tests.Lanes;

/// <summary>An acceptor made of a function.</summary>
internal sealed class Acceptor(Func<FrameStream, CancellationToken, Task> serve) : IStreamAcceptor
{
    public static Acceptor Echo { get; } = new(async (stream, cancellation) =>
    {
        stream.Accept();
        while (await stream.ReadAsync(cancellation) is { Kind: not FrameKind.End } frame)
        {
            if (frame.Kind == FrameKind.Data)
            {
                await stream.WriteDataAsync(frame.Payload, frame.Flags, frame.ExtensionKind, frame.Extension, cancellation);
            }
        }

        stream.End();
    });

    public Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken) => serve(stream, cancellationToken);
}
