using System.Net;
using System.Net.Sockets;

namespace Zilla.Edge.Listeners;

/// <summary>A bound socket together with the lock of its port. Bound first, listening later: a plan is refused before it has taken connections.</summary>
internal sealed class ListeningSocket : IDisposable
{
    private const int SolSocket = 1;
    private const int SoReusePort = 15;

    private readonly Socket _socket;
    private readonly PortLock? _lock;

    private ListeningSocket(Socket socket, PortLock? held) => (_socket, _lock) = (socket, held);

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <exception cref="PortUnavailableException">The port cannot be bound.</exception>
    public static async Task<ListeningSocket> BindAsync(IPEndPoint endPoint, ListenerOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        // Elsewhere than on Linux replicas cannot share a port: the bind itself tells.
        var held = OperatingSystem.IsLinux()
            ? await PortLock.ClaimAsync(options.LockFolder, endPoint.Port, options.Suite ?? ProcessSuite, time, cancellationToken)
            : null;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(SolSocket, SoReusePort, BitConverter.GetBytes(1));
            }

            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            socket.Bind(endPoint);
            return new ListeningSocket(socket, held);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            held?.Dispose();
            throw new PortUnavailableException($"Cannot listen on {endPoint}: {Reason(e)}", e);
        }
    }

    /// <exception cref="PortUnavailableException">The system refuses.</exception>
    public void Listen(int backlog)
    {
        try
        {
            _socket.Listen(backlog);
        }
        catch (SocketException e)
        {
            throw new PortUnavailableException($"Cannot listen on {EndPoint}: {Reason(e)}", e);
        }
    }

    public ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken) => _socket.AcceptAsync(cancellationToken);

    public void Dispose()
    {
        _socket.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Stands for a suite id where none is configured: as exclusive as a port without SO_REUSEPORT.</summary>
    private static string ProcessSuite { get; } = $"process {Environment.ProcessId}";

    private static string Reason(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is in use",
        SocketError.AccessDenied => "not permitted to use this port",
        SocketError.AddressNotAvailable => "this machine has no such address",
        _ => e.Message,
    };
}
