using System.Net.Http.Headers;

namespace Zilla.ServiceDefaults.Channel;

/// <summary>Equips whoever calls another service of the suite.</summary>
internal sealed class ChannelClient(ChannelKeys keys, ChannelCertificates certificates)
{
    /// <summary>Has connections made as the channel wants them, and every call carry the key.</summary>
    public HttpMessageHandler Equip(SocketsHttpHandler connections)
    {
        certificates.Apply(connections.SslOptions);
        return new Handler(connections, keys.Authorization is { } value ? AuthenticationHeaderValue.Parse(value) : null, certificates.AreSet);
    }

    private sealed class Handler(SocketsHttpHandler connections, AuthenticationHeaderValue? authorization, bool tlsOnly) : DelegatingHandler(connections)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // Nothing tells a caller of plain HTTP that it has reached the wrong one.
            if (tlsOnly && request.RequestUri?.Scheme != Uri.UriSchemeHttps)
            {
                throw new HttpRequestException($"{request.RequestUri?.GetLeftPart(UriPartial.Authority)} is not https, which {ChannelOptions.Section}:AuthorityFile asks for");
            }

            request.Headers.Authorization = authorization;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
