using System.Net;
using System.Net.Sockets;

namespace Zilla.AppHost.Hosting.Planning;

/// <summary>
/// Hands out free loopback ports. They come from below the range the kernel takes ports of outgoing connections from, so that none is lost to one
/// while its service restarts.
/// </summary>
internal sealed class PortAllocator(Random random)
{
    private const int First = 20000;
    private const int End = 32768;
    private const int Attempts = 1000;

    private readonly HashSet<int> _taken = [];

    /// <summary>Takes <paramref name="preferred"/> if it is free, and any port otherwise.</summary>
    public int Next(int? preferred = null)
    {
        if (preferred is { } wanted && TryTake(wanted))
        {
            return wanted;
        }

        for (var i = 0; i < Attempts; i++)
        {
            var port = random.Next(First, End);
            if (TryTake(port))
            {
                return port;
            }
        }

        throw new IOException($"None of {Attempts} ports tried between {First} and {End} is free.");
    }

    private bool TryTake(int port)
    {
        if (_taken.Contains(port))
        {
            return false;
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException)
        {
            return false;
        }

        return _taken.Add(port);
    }
}
