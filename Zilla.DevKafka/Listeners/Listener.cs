using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Zilla.DevKafka.Apis;

namespace Zilla.DevKafka.Listeners;

/// <summary>Accepts connections and runs one <see cref="Connection"/> each, up to the limit.</summary>
internal sealed class Listener(ApiTable apis, ListenerOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;
    private long _lastId;

    /// <summary>Binds (port 0: any free one) and gives the port.</summary>
    public int Start(IPEndPoint endpoint)
    {
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(endpoint);
        _socket.Listen(512);
        _accepting = AcceptAsync(_socket);
        return ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket?.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listening)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listening.AcceptAsync(_stopping.Token);
                if (_connections.Count >= options.MaximumConnections)
                {
                    logger.TooMany(options.MaximumConnections);
                    socket.Dispose();
                    continue;
                }

                Serve(socket, Interlocked.Increment(ref _lastId));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of file handles, or the client went before it was accepted: the next one may do better, but not at once.
                logger.AcceptFailed(e);
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Serve(Socket socket, long id)
    {
        var started = new TaskCompletionSource();
        _connections[id] = Run();
        started.SetResult();

        async Task Run()
        {
            await started.Task.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            try
            {
                socket.NoDelay = true;
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                var client = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
                await using var plain = new NetworkStream(socket, ownsSocket: true);
                await using var stream = options.Tls is { } tls ? await tls.SecureAsync(plain, options.StallTimeout, time, _stopping.Token) : plain;
                await new Connection(id, stream, client, apis, options, time, logger).RunAsync(_stopping.Token);
            }
            catch (SocketException)
            {
                // Gone before it could be set up.
                socket.Dispose();
            }
            catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
            {
                logger.HandshakeFailed(id, e.InnerException?.Message ?? e.Message);
            }
            finally
            {
                _connections.TryRemove(id, out _);
            }
        }
    }
}
