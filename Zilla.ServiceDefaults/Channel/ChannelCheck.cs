using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Zilla.ServiceDefaults.Channel;

/// <summary>
/// Refuses to start a service whose channel would be open to others than this machine. What speaks HTTP/1.1 alone is not the channel: gRPC needs HTTP/2.
/// </summary>
internal sealed class ChannelCheck(IConfiguration configuration, ChannelOptions options, ChannelKeys keys, ChannelCertificates certificates) : IHostedService
{
    /// <exception cref="FormatException">An endpoint is open to others, or is not as the settings say; the message says which, and what to set.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren().Where(e => !"Http1".Equals(e["Protocols"], StringComparison.OrdinalIgnoreCase)))
        {
            Check($"{endpoint.Path}:Url", endpoint["Url"] ?? "");
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Check(string setting, string url)
    {
        if (certificates.AreSet && !url.StartsWith(Uri.UriSchemeHttps + "://", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException($"{setting} is {url}, but {ChannelOptions.Section}:AuthorityFile is set: it has to be https.");
        }

        if (!keys.AreSet && !certificates.AreSet && !options.AllowWithoutKey && !IsLoopback(url))
        {
            throw new FormatException(
                $"{setting} is {url}, which others than this machine can reach, and there is no key: set {ChannelOptions.Section}:Key (Zilla__Channel__Key) or {ChannelOptions.Section}:KeyFile, "
                + $"the same for every service of the suite, or {ChannelOptions.Section}:AllowWithoutKey to true where everybody who can reach it is to be trusted.");
        }
    }

    private static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
