using System.Net.Sockets;

namespace Zilla.Edge.Listeners;

/// <summary>Has TCP find out about clients that vanished without a word, on whose connections nothing is sent.</summary>
internal sealed class TcpKeepAlive(ListenerOptions options)
{
    /// <summary>What Linux takes: seconds, tries.</summary>
    private const int MostSeconds = 32_767, MostTries = 127;

    private readonly int _time = Seconds(options.TcpKeepAlive), _interval = Seconds(options.TcpKeepAliveInterval), _tries = Math.Clamp(options.TcpKeepAliveTries, 1, MostTries);

    public void Set(Socket socket)
    {
        if (options.TcpKeepAlive <= TimeSpan.Zero)
        {
            return;
        }

        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, _time);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, _interval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, _tries);
    }

    private static int Seconds(TimeSpan time) => (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, MostSeconds);
}
