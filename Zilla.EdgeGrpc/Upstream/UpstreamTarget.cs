namespace Zilla.EdgeGrpc.Upstream;

/// <summary>Where a service is and how it is spoken to: what a grpc client leads to.</summary>
/// <param name="Host">What is dialled.</param>
/// <param name="Port">What is dialled.</param>
/// <param name="Authority">Who is asked for: <c>host</c> or <c>host:port</c>.</param>
/// <param name="Tls">Name of the tls client binding; null: HTTP/2 with prior knowledge.</param>
/// <param name="MaxMessage">Bytes of the largest message of the service, compressed or not.</param>
internal sealed record UpstreamTarget(string Host, int Port, string Authority, string? Tls, int MaxMessage)
{
    /// <summary>Over TLS, whom the certificate has to be for, unless the tls client names another; the authority, overrides apart.</summary>
    public string ServerName { get; init; } = HostOf(Authority);

    /// <summary>What calls say otherwise than they would.</summary>
    public HeaderOverrides Overrides { get; init; } = HeaderOverrides.None;

    /// <summary>What the path of a call follows.</summary>
    public string Origin { get; } = $"{(Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps)}://{Authority}";

    public static string HostOf(string authority) => new Uri($"http://{authority}").IdnHost;
}
