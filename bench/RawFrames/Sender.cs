using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace RawFrames;

internal static class Sender
{
    private const int FlushAt = 64 * 1024;

    public static async Task RunAsync(int port, int body, double warmUp, double seconds)
    {
        await SendAsync(port, body, TimeSpan.FromSeconds(warmUp));
        var (frames, elapsed) = await SendAsync(port, body, TimeSpan.FromSeconds(seconds));
        Console.WriteLine($"frames\tpeer\trate={frames / elapsed.TotalSeconds:0.###}");
    }

    private static async Task<(long Frames, TimeSpan Elapsed)> SendAsync(int port, int body, TimeSpan duration)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        var writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: FlushAt, leaveOpen: true));
        var payload = new byte[body];
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            while (writer.UnflushedBytes < FlushAt)
            {
                Write(writer, payload);
            }

            await writer.FlushAsync();
        }

        Write(writer, []);
        await writer.CompleteAsync();
        var answer = new byte[8];
        await stream.ReadExactlyAsync(answer);
        return (BinaryPrimitives.ReadInt64LittleEndian(answer), Stopwatch.GetElapsedTime(start));
    }

    private static void Write(PipeWriter writer, ReadOnlySpan<byte> payload)
    {
        var span = writer.GetSpan(4 + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, payload.Length);
        payload.CopyTo(span[4..]);
        writer.Advance(4 + payload.Length);
    }
}
