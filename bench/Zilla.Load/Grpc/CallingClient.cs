using System.Diagnostics;
using Zilla.Load.Grpc.Wire;

namespace Zilla.Load.Grpc;

/// <summary>One connection with so many unary calls under way: when one is answered, the next one goes out. Nothing is allocated per call.</summary>
internal sealed class CallingClient(Http2Connection connection, RequestHeaders headers, byte[] message, int window)
{
    /// <summary>Calls that may begin while one is under way; a power of two.</summary>
    private const int Places = 1 << 16;

    /// <summary>When the call of a stream began, at the stream's place; 0: none is under way there.</summary>
    private readonly long[] _begun = new long[Places];
    private int _next = 1;

    public Histogram Latencies { get; } = new();

    public long Failed { get; private set; }

    /// <summary>Until <paramref name="isOver"/>; calls count that are answered while <paramref name="counts"/>.</summary>
    /// <exception cref="IOException">The server closed.</exception>
    public async Task RunAsync(Func<bool> counts, Func<bool> isOver)
    {
        for (var i = 0; i < window; i++)
        {
            Begin();
        }

        while (!isOver())
        {
            await connection.SendAsync();
            if (!await connection.ReceiveAsync())
            {
                throw new IOException("The server closed the connection.");
            }

            Take(counts());
        }
    }

    private void Take(bool counts)
    {
        while (connection.TryTake(out var frame))
        {
            var isReset = frame.Type == Http2FrameType.ResetStream;
            if (!isReset && !frame.IsEnd)
            {
                continue;
            }

            ref var begun = ref _begun[PlaceOf(frame.Stream)];
            if (begun == 0)
            {
                // A reset behind the end: of a server that did not read all of the request.
                continue;
            }

            if (counts)
            {
                Latencies.Record(Stopwatch.GetTimestamp() - begun);
                Failed += isReset || frame.Type != Http2FrameType.Headers || ResponseHeaders.FindStatus(frame.Payload) != 0 ? 1 : 0;
            }

            begun = 0;
            Begin();
        }
    }

    private void Begin()
    {
        ref var begun = ref _begun[PlaceOf(_next)];
        if (begun != 0)
        {
            throw new InvalidDataException("A call was not answered while many thousand others were.");
        }

        begun = Stopwatch.GetTimestamp();
        CallTarget.Write(connection, _next, _next == 1 ? headers.First : headers.Following, message);
        _next += 2;
    }

    private static int PlaceOf(int stream) => (stream >> 1) & (Places - 1);
}
