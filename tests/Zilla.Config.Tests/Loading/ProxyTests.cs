using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary>proxy server bindings (reference §2.3).</summary>
public sealed class ProxyTests
{
    private const string Rest = """
          tcp0: {type: tcp, kind: server, options: {port: 7114}, exit: proxy0}
          tls0: {type: tls, kind: server, vault: vault0, options: {keys: [one]}, exit: http0}
          http0: {type: http, kind: server, exit: files0}
          files0: {type: http-filesystem, kind: proxy, routes: [{exit: fs0, with: {path: index.html}}]}
          fs0: {type: filesystem, kind: server, options: {location: www}}
        vaults:
          vault0: {type: filesystem, options: {keys: {store: /k, type: pkcs12}}}

        """;

    [Fact]
    public void Load_Proxy_GoesIntoTheEdgesPlan_WithWhatComesAfterIt()
    {
        var configuration = Loader.LoadValid("""
            name: test
            bindings:
              proxy0:
                type: proxy
                kind: server
                exit: http0
                routes:
                  - exit: tls0
                    when:
                      - transport: stream
                        family: inet4
                        source: {host: 10.0.0.0/8, port: 1024-1026}
                        destination: {host: '::1', port: [443]}
                        info: {alpn: h2, authority: '*.example', identity: i, namespace: n, secure: {version: TLSv1.3, cipher: c, key: k, name: a, signature: s}}

            """ + Rest);

        var plan = PlanCompiler.Compile(configuration, 1)[ServiceNames.EdgeHttp];

        Assert.Equal("tcp0", plan.Listeners.Single().Binding);
        Assert.Equal(["fs0", "files0", "http0", "proxy0", "tcp0", "tls0"], plan.Bindings.Select(binding => binding.Name).Order(StringComparer.Ordinal).OrderBy(name => name == "fs0" ? 0 : 1));
        Assert.Equal("vault0", plan.Vaults.Single().Name);
        var when = Assert.IsType<ProxyServerBinding>(plan.Bindings.Single(binding => binding.Name == "proxy0")).Routes.Single().When.Single();
        Assert.Equal((ProxyTransport.Stream, ProxyFamily.Inet4, "10.0.0.0/8", "::1"), (when.Transport!.Value, when.Family!.Value, when.Source!.Host, when.Destination!.Host));
        Assert.Equal([1024, 1025, 1026], when.Source.Ports);
        Assert.Equal(("h2", "*.example", "i", "n"), (when.Alpn, when.Authority, when.Identity, when.Namespace));
        Assert.Equal(new ProxySecurity { Version = "TLSv1.3", Cipher = "c", Key = "k", Name = "a", Signature = "s" }, when.Secure);
    }

    [Theory]
    [InlineData("", "3:3 bindings.proxy0: proxy server 'proxy0' has neither 'exit' nor 'routes'")]
    [InlineData(", exit: tcp0", "bindings.proxy0.exit: a proxy server cannot exit to 'tcp0', a tcp server: expected http server or tls server or echo server or mqtt server")]
    [InlineData(", exit: http0, options: {a: 1}", "bindings.proxy0.options.a: unknown key 'a'")]
    [InlineData(", routes: [{exit: http0, when: [{transport: stram}]}]", "when[0].transport: 'stram' is none of stream, datagram; did you mean 'stream'?")]
    [InlineData(", routes: [{exit: http0, when: [{source: {host: example}}]}]", "when[0].source.host: expected an address or a network such as 10.0.0.0/8, found 'example'")]
    [InlineData(", routes: [{exit: http0, when: [{destination: {port: 0}}]}]", "when[0].destination.port: expected a port from 1 to 65535")]
    [InlineData(", routes: [{exit: http0, when: [{info: {secure: {sni: a}}}]}]", "when[0].info.secure.sni: unknown key 'sni'")]
    public void Load_Mistake_IsReported(string rest, string expected)
    {
        var mistake = Assert.Single(Loader.Mistakes("name: test\nbindings:\n  proxy0: {type: proxy, kind: server" + rest + "}\n" + Rest));
        Assert.Contains(expected, mistake, StringComparison.Ordinal);
    }
}
