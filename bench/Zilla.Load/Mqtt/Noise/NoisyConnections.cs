using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Zilla.Load.Mqtt.Noise;

/// <summary>Connections that are opened at a rate, each of which sends what is malformed, hears what is said to it for a moment, and goes.</summary>
internal sealed class NoisyConnections(IPEndPoint server, Malformed malformed)
{
    /// <summary>As many at the same time: a server that is behind is not asked for more.</summary>
    private const int AtOnce = 2000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Hearing = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _places = new(AtOnce);
    private long _opened;
    private long _ended;
    private long _refused;

    /// <summary>Connections that have been made.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    /// <summary>Of these, closed by the server.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>Connections that could not be made.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Completes when as many as the rate asks for in that time have come and gone.</summary>
    public async Task RunAsync(int rate, TimeSpan time)
    {
        var (start, total) = (Stopwatch.GetTimestamp(), (long)(rate * time.TotalSeconds));
        using var timer = new PeriodicTimer(Tick);
        var begun = 0L;
        while (begun < total)
        {
            for (var due = Math.Min(total, (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * rate)); begun < due; begun++)
            {
                await _places.WaitAsync();
                _ = OnceAsync(malformed.Next());
            }

            await timer.WaitForNextTickAsync();
        }

        for (var i = 0; i < AtOnce; i++)
        {
            await _places.WaitAsync();
        }
    }

    private async Task OnceAsync(byte[] bytes)
    {
        try
        {
            // It goes without a word, so that no port of this machine waits for it.
            using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
            await socket.ConnectAsync(server);
            Interlocked.Increment(ref _opened);
            await socket.SendAsync(bytes);
            using var hearing = new CancellationTokenSource(Hearing);
            var buffer = new byte[512];
            while (await socket.ReceiveAsync(buffer, hearing.Token) > 0)
            {
                // What it is told is for others to check.
            }

            Interlocked.Increment(ref _ended);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            Interlocked.Increment(ref _ended);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _refused);
        }
        catch (OperationCanceledException)
        {
            // Not closed, since nothing was wrong with it, or more is waited for.
        }
        finally
        {
            _places.Release();
        }
    }
}
