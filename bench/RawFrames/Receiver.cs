using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace RawFrames;

internal static class Receiver
{
    public static async Task RunAsync(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync();
            client.NoDelay = true;
            var stream = client.GetStream();

            // Null: whoever it was only looked whether somebody listens.
            if (await CountAsync(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024))) is { } frames)
            {
                await stream.WriteAsync(BitConverter.GetBytes(frames));
            }
        }
    }

    private static async Task<long?> CountAsync(PipeReader reader)
    {
        for (var frames = 0L; ;)
        {
            var result = await reader.ReadAsync();
            var buffer = result.Buffer;
            while (TryTake(ref buffer, out var length))
            {
                if (length == 0)
                {
                    return frames;
                }

                frames++;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, out int length)
    {
        Span<byte> head = stackalloc byte[4];
        length = 0;
        if (buffer.Length < 4)
        {
            return false;
        }

        if (buffer.FirstSpan.Length >= 4)
        {
            length = BinaryPrimitives.ReadInt32LittleEndian(buffer.FirstSpan);
        }
        else
        {
            buffer.Slice(0, 4).CopyTo(head);
            length = BinaryPrimitives.ReadInt32LittleEndian(head);
        }

        if (buffer.Length < 4 + length)
        {
            return false;
        }

        buffer = buffer.Slice(4 + length);
        return true;
    }
}
