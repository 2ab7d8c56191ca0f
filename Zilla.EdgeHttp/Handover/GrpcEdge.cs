using System.Net;
using System.Text;

namespace Zilla.EdgeHttp.Handover;

/// <summary>The way to the gRPC edge, for the requests of ports that HTTP and gRPC share.</summary>
internal sealed class GrpcEdge(GrpcInstances instances, HeadLimits limits, Func<SocketsHttpHandler, HttpMessageHandler>? equip) : IDisposable
{
    /// <summary>KiB. Metadata may come out of a record's headers; a longer head would end the connection, and with it the calls of other clients.</summary>
    private const int LongestHead = 4 << 10;

    public GrpcInstances Instances => instances;

    /// <summary>Of what instances take.</summary>
    public HeadLimits Limits => limits;

    public HttpMessageInvoker Connections { get; } = new(Equip(equip, new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,

        // As the server reads them: what a client sends is none of the connection's business.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        EnableMultipleHttp2Connections = true,
        MaxResponseHeadersLength = LongestHead,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        KeepAlivePingDelay = TimeSpan.FromSeconds(10),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    }));

    public void Dispose() => Connections.Dispose();

    private static HttpMessageHandler Equip(Func<SocketsHttpHandler, HttpMessageHandler>? equip, SocketsHttpHandler connections) => equip?.Invoke(connections) ?? connections;
}
