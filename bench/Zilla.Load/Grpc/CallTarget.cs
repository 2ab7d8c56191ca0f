using System.Net;
using Zilla.Load.Grpc.Wire;

namespace Zilla.Load.Grpc;

/// <summary>The server of <c>--port</c> and the method of <c>--method</c>, and calls of it as bytes.</summary>
internal sealed class CallTarget(Arguments arguments)
{
    /// <summary>Bytes before a message (gRPC over HTTP/2, "Length-Prefixed-Message").</summary>
    private const int PrefixLength = 5;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly IPEndPoint _server = new(IPAddress.Loopback, arguments.Number("port", 7151));

    /// <summary>As they go out with the first call of a connection, and with the following ones.</summary>
    public RequestHeaders Headers { get; } = new(
    [
        (":method", "POST"), (":scheme", "http"), (":path", "/" + arguments.Text("method")), (":authority", $"127.0.0.1:{arguments.Number("port", 7151)}"),
        ("te", "trailers"), ("content-type", "application/grpc"), .. arguments.All("metadata").Select(Pair),
    ]);

    public async Task<Http2Connection[]> OpenAsync(int count, int bufferSize)
    {
        var connections = new Http2Connection[count];
        using var limit = new CancellationTokenSource(Limit);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = limit.Token }, async (i, cancellation) =>
            connections[i] = await Http2Connection.OpenAsync(_server, bufferSize, cancellation));
        return connections;
    }

    /// <summary>A request: HEADERS, and DATA with the only message, which ends it.</summary>
    public static void Write(Http2Connection connection, int stream, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> message)
    {
        var frames = connection.Reserve((2 * Http2Frame.PrefixLength) + headers.Length + PrefixLength + message.Length);
        var at = Http2Frame.WritePrefix(frames, headers.Length, Http2FrameType.Headers, Http2Frame.EndHeaders, stream);
        headers.CopyTo(frames[at..]);
        at += headers.Length;
        at += Http2Frame.WritePrefix(frames[at..], PrefixLength + message.Length, Http2FrameType.Data, Http2Frame.EndStream, stream);
        frames[at] = 0;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frames[(at + 1)..], message.Length);
        message.CopyTo(frames[(at + PrefixLength)..]);
    }

    private static (string Name, string Value) Pair(string text) => text.Split('=') is [var name, var value] ? (name, value) : throw new FormatException($"--metadata takes name=value, not '{text}'.");
}
