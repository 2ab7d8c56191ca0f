using System.Net;
using System.Net.Sockets;

namespace Zilla.Testing;

/// <summary>
/// Finds TCP ports on the loopback interface that nothing listens on. They come from below those that the kernel takes for outgoing connections and those that the AppHost
/// hands out, so that none is lost before its service listens; the UDP port of the same number, held until this process ends, keeps other test processes off them.
/// </summary>
public static class FreePort
{
    private const int First = 10_000;
    private const int End = 20_000;

    private static readonly List<Socket> Held = [];

    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            if (TryBind(port, SocketType.Dgram, ProtocolType.Udp) is not { } held)
            {
                continue;
            }

            lock (Held)
            {
                Held.Add(held);
            }

            if (TryBind(port, SocketType.Stream, ProtocolType.Tcp) is { } free)
            {
                free.Dispose();
                return port;
            }
        }
    }

    /// <summary>So many, each another.</summary>
    public static int[] Several(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    private static Socket? TryBind(int port, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
