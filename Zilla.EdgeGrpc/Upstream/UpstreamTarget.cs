namespace Zilla.EdgeGrpc.Upstream;

/// <summary>Where a service is and how it is spoken to: what a grpc client leads to.</summary>
/// <param name="Host">What is dialled.</param>
/// <param name="Port">What is dialled.</param>
/// <param name="Authority">Who is asked for: <c>host:port</c>; over TLS its certificate has to be for that host.</param>
/// <param name="Tls">Name of the tls client binding; null: HTTP/2 with prior knowledge.</param>
/// <param name="MaxMessage">Bytes of the largest message of the service, compressed or not.</param>
internal sealed record UpstreamTarget(string Host, int Port, string Authority, string? Tls, int MaxMessage)
{
    public Uri Address { get; } = new($"{(Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps)}://{Authority}");
}
