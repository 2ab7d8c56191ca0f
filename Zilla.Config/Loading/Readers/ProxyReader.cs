using System.Net;
using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.3.</summary>
internal static class ProxyReader
{
    public static BindingConfig Server(BindingNode node) => new ProxyServerBinding
    {
        Name = node.Name,
        Exit = node.Exit,
        Routes = [.. node.Routes.Select(route => new ProxyRoute { Exit = route.Exit, When = [.. route.When.Select(Condition)] })],
    };

    private static ProxyCondition Condition(MappingReader when)
    {
        var condition = new ProxyCondition
        {
            Transport = when.Choice("transport", ("stream", ProxyTransport.Stream), ("datagram", ProxyTransport.Datagram)),
            Family = when.Choice("family", ("inet", ProxyFamily.Inet), ("inet4", ProxyFamily.Inet4), ("inet6", ProxyFamily.Inet6), ("unix", ProxyFamily.Unix)),
            Source = Endpoint(when, "source"),
            Destination = Endpoint(when, "destination"),
        };
        if (when.Mapping("info") is { } info)
        {
            condition = condition with
            {
                Alpn = info.Text("alpn"),
                Authority = info.Text("authority"),
                Identity = info.Text("identity"),
                Namespace = info.Text("namespace"),
                Secure = Security(info),
            };
            info.Finish();
        }

        return condition;
    }

    private static ProxyEndpoint? Endpoint(MappingReader when, string key)
    {
        if (when.Mapping(key) is not { } endpoint)
        {
            return null;
        }

        var host = endpoint.Text("host");
        if (host is { Length: > 0 } && !IPAddress.TryParse(host, out _) && !IPNetwork.TryParse(host, out _))
        {
            endpoint.Findings.Report(endpoint.Path / "host", $"expected an address or a network such as 10.0.0.0/8, found {endpoint.Take("host")!.Describe}");
        }

        var read = new ProxyEndpoint { Host = host, Ports = TcpReader.Ports(endpoint) };
        endpoint.Finish();
        return read;
    }

    private static ProxySecurity? Security(MappingReader info)
    {
        if (info.Mapping("secure") is not { } secure)
        {
            return null;
        }

        var read = new ProxySecurity
        {
            Version = secure.Text("version"),
            Cipher = secure.Text("cipher"),
            Key = secure.Text("key"),
            Name = secure.Text("name"),
            Signature = secure.Text("signature"),
        };
        secure.Finish();
        return read;
    }
}
