using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Zilla.KafkaCache.Tests.Clusters;

/// <summary>Speaks Kafka as far as the client's first SASL message, keeps what it said, and refuses it.</summary>
internal sealed class SaslBroker : IAsyncDisposable
{
    private const short SaslHandshake = 17, ApiVersions = 18, SaslAuthenticate = 36;
    private const byte UnsupportedVersion = 35, AuthenticationFailed = 58;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly Task _accepting;

    private readonly X509Certificate2? _certificate;

    /// <param name="certificate">With it, over TLS.</param>
    public SaslBroker(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>"mechanism:first message", zeros as |.</summary>
    public ConcurrentQueue<string> Said { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _clients.Add(client);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var secured = new SslStream(stream);
                await secured.AuthenticateAsServerAsync(_certificate);
                stream = secured;
            }

            var (mechanism, size) = ("", new byte[4]);
            while (true)
            {
                await stream.ReadExactlyAsync(size);
                var request = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
                await stream.ReadExactlyAsync(request);

                // Request: api key int16, version int16, correlation id int32, client id string, body.
                var (api, version) = (Int16(request, 0), Int16(request, 2));
                var body = request.AsSpan(10 + Int16(request, 8));
                byte[] answer;
                switch (api)
                {
                    case ApiVersions when version > 0:
                        answer = [0, UnsupportedVersion, 0, 0, 0, 0];
                        break;
                    case ApiVersions:
                        // Error int16, then (key, lowest, highest) int16 each.
                        answer = [0, 0, 0, 0, 0, 3, 0, 17, 0, 0, 0, 1, 0, 18, 0, 0, 0, 0, 0, 36, 0, 0, 0, 0];
                        break;
                    case SaslHandshake:
                        mechanism = Encoding.ASCII.GetString(body.Slice(2, Int16(body, 0)));
                        answer = [0, 0, 0, 0, 0, 0];
                        break;
                    case SaslAuthenticate:
                        Said.Enqueue($"{mechanism}:{Encoding.ASCII.GetString(body.Slice(4, BinaryPrimitives.ReadInt32BigEndian(body))).Replace('\0', '|')}");
                        answer = [0, AuthenticationFailed, 0xff, 0xff, 0, 0, 0, 0];
                        break;
                    default:
                        return;
                }

                BinaryPrimitives.WriteInt32BigEndian(size, 4 + answer.Length);
                await stream.WriteAsync((byte[])[.. size, .. request.AsSpan(4, 4), .. answer]);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or AuthenticationException)
        {
            // The client has gone, or the test is over.
        }
    }

    private static short Int16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt16BigEndian(bytes[at..]);
}
