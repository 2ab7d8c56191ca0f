using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>An http client leads to a tcp client that says one place to dial; a tls client between them agrees on HTTP/2, with one name and one certificate.</summary>
internal sealed class ServiceIsDialled : IConfigurationRule
{
    private const string Http2 = "h2";

    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var next in configuration.Bindings.Values.OfType<HttpClientBinding>().SelectMany(http => configuration.Next(http)).Distinct())
        {
            if (next is TlsClientBinding tls)
            {
                Check(tls, findings);
            }

            if ((next is TlsClientBinding ? configuration.Next(next) : [next]).OfType<TcpClientBinding>().FirstOrDefault() is { } tcp)
            {
                Check(tcp, findings);
            }
        }
    }

    private static void Check(TcpClientBinding tcp, Findings findings)
    {
        var at = BindingGraph.PathOf(tcp);
        if (tcp.Host is null)
        {
            findings.Report(at, $"tcp client '{tcp.Name}' has no 'host' for an http client to dial");
        }

        if (tcp.Ports.Count != 1)
        {
            findings.Report(tcp.Ports.Count == 0 ? at : at / "options" / "port", $"tcp client '{tcp.Name}' has {tcp.Ports.Count} ports: an http client dials one");
        }
    }

    private static void Check(TlsClientBinding tls, Findings findings)
    {
        var options = BindingGraph.PathOf(tls) / "options";
        if (tls.Alpn?.Contains(Http2) is false)
        {
            findings.Report(options / "alpn", $"gRPC needs '{Http2}'");
        }

        if (tls.ServerNames.Count > 1)
        {
            findings.Report(options / "sni" / 1, "one service is asked for one name");
        }

        if (tls.Keys.Count > 1)
        {
            findings.Report(options / "keys" / 1, "one service is shown one certificate");
        }
    }
}
