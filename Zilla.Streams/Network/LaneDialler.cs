using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Zilla.Streams.Lanes;

namespace Zilla.Streams.Network;

/// <summary>Opens lanes to one address, each over a TCP connection of its own.</summary>
/// <param name="address">Of the replica.</param>
/// <param name="equip">Gives calls and connections what services know each other by; null = nothing.</param>
internal sealed class LaneDialler(Uri address, Func<SocketsHttpHandler, HttpMessageHandler>? equip) : IDisposable
{
    private readonly GrpcChannel _channel = Open(address, equip ?? (connections => connections));

    /// <summary>Gives the lane once both HELLOs are exchanged.</summary>
    /// <exception cref="StreamBrokenException">The replica cannot be reached, or refused the lane.</exception>
    public async Task<Lane> DialAsync(LaneOptions options, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var call = _channel.CreateCallInvoker().AsyncDuplexStreamingCall(LaneMethod.Definition, null, new CallOptions(cancellationToken: CancellationToken.None));
        var lane = new Lane(new GrpcClientTransport(call), options, acceptor: null, isDialler: true, logger, time);
        lane.Start();
        try
        {
            await lane.Ready.WaitAsync(cancellationToken);
            return lane;
        }
        catch
        {
            await lane.DisposeAsync();
            throw;
        }
    }

    public void Dispose() => _channel.Dispose();

    private static GrpcChannel Open(Uri address, Func<SocketsHttpHandler, HttpMessageHandler> equip)
    {
        var connections = equip(new SocketsHttpHandler
        {
            // The lane's own credit is what limits it, not HTTP/2's window.
            InitialHttp2StreamWindowSize = 2 * 1024 * 1024,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,

            // A peer that vanished without a word is noticed, also while the lane is silent.
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,

            // A lane is no part of any one trace; streams carry theirs in BEGIN.
            ActivityHeadersPropagator = null,
        });
        return GrpcChannel.ForAddress(address, new()
        {
            MaxReceiveMessageSize = LaneMethod.MaxMessage,
            MaxSendMessageSize = LaneMethod.MaxMessage,
            DisposeHttpClient = true,

            // A client and not its handler alone: the channel would connect by itself then, fail calls in a backoff of its own, and, where a connection that
            // ends meets one that begins, wait for ever.
            HttpClient = new HttpClient(connections) { Timeout = Timeout.InfiniteTimeSpan },
        });
    }
}
