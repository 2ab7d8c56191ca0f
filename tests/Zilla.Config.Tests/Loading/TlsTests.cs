using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary>tls server bindings and their vaults.</summary>
public sealed class TlsTests
{
    private const string Rest = """
          http0: {type: http, kind: server, exit: files0}
          files0: {type: http-filesystem, kind: proxy, routes: [{exit: fs0, with: {path: index.html}}]}
          fs0: {type: filesystem, kind: server, options: {location: www}}
        vaults:
          vault0:
            type: filesystem
            options:
              keys: {store: tls/keys.p12, type: pkcs12, password: '${{env.KEYS_PASSWORD}}', entries: [one, two]}
              trust: {store: /tls/trust.p12, type: pkcs12, password: public}

        """;

    [Fact]
    public void Load_TlsServer_GoesIntoTheEdgesPlanWithItsVault()
    {
        var configuration = Loader.LoadValid("""
            name: test
            bindings:
              tcp0: {type: tcp, kind: server, options: {port: 7143}, exit: tls0}
              tls0:
                type: tls
                kind: server
                vault: vault0
                options: {keys: [one], trust: [ca], alpn: [h2, http/1.1], sni: [one.example], version: TLSv1.2}
                routes:
                  - {when: [{authority: '*.example', alpn: h2, port: 7000-7001}], exit: http0}

            """ + Rest, ("KEYS_PASSWORD", "secret"));

        var plan = PlanCompiler.Compile(configuration, 1)[ServiceNames.EdgeHttp];

        Assert.Equal("tcp0", plan.Listeners.Single().Binding);
        var tls = Assert.IsType<TlsServerBinding>(plan.Bindings.Single(binding => binding.Name == "tls0"));
        Assert.Equal((TlsMutual.Required, false, true), (tls.Mutual, tls.TrustCaCerts, tls.OnlyTls12));
        Assert.Equal(("*.example", "h2"), (tls.Routes[0].When[0].Authority, tls.Routes[0].When[0].Alpn));
        Assert.Equal(["one.example"], tls.ServerNames);
        Assert.Equal([7000, 7001], tls.Routes[0].When[0].Ports);
        var vault = plan.Vaults.Single();
        Assert.Equal(("/etc/zilla/tls/keys.p12", "secret", "/tls/trust.p12"), (vault.Keys!.Path, vault.Keys.Password, vault.Trust!.Path));
        Assert.Contains("http0", plan.Bindings.Select(binding => binding.Name));
        Assert.Empty(PlanCompiler.Compile(configuration, 1)[ServiceNames.KafkaCache].Vaults);
    }

    [Fact]
    public void Load_WithoutTrust_NobodyIsAskedForACertificate()
    {
        var tls = Assert.IsType<TlsServerBinding>(Loader.LoadValid(
            "name: test\nbindings:\n  tls0: {type: tls, kind: server, vault: vault0, options: {keys: [one]}, exit: http0}\n" + Rest, ("KEYS_PASSWORD", "x")).Bindings["tls0"]);

        Assert.Equal((TlsMutual.None, true), (tls.Mutual, tls.TrustCaCerts));
    }

    [Theory]
    [InlineData("options: {keys: [one]}, exit: http0", "3:3 bindings.tls0: 'vault' is missing")]
    [InlineData("vault: valt0, options: {keys: [one]}, exit: http0", "3:42 bindings.tls0.vault: no vault is named 'valt0'; did you mean 'vault0'?")]
    [InlineData("vault: vault0, exit: http0", "3:3 bindings.tls0.options: 'keys' is missing")]
    [InlineData("vault: vault0, options: {keys: [one], signers: [ca]}, exit: http0", "3:50 bindings.tls0.options: 'keys' and 'signers' exclude each other|3:73 bindings.tls0.options.signers: the vault 'vault0' has no 'signers'")]
    [InlineData("vault: vault0, options: {keys: [tow]}, exit: http0", "3:67 bindings.tls0.options.keys[0]: 'tow' is not among the 'entries' of 'keys' in the vault 'vault0'; did you mean 'two'?")]
    [InlineData("vault: vault0, options: {keys: [one]}, routes: [{exit: http0, when: [{mutual: required}]}]", "3:113 bindings.tls0.routes[0].when[0].mutual: clients show no certificate: that takes 'mutual: requested', or 'required', in the options")]
    [InlineData("vault: vault0, options: {keys: [one]}, routes: [{exit: http0, when: [{trust: [ca]}]}]", "3:105 bindings.tls0.routes[0].when[0].trust: clients show no certificate: that takes 'mutual: requested', or 'required', in the options")]
    [InlineData("vault: vault0, options: {keys: [one], trust: [ca], mutual: requested}, routes: [{exit: http0, when: [{trust: [ca], mutual: none, port: 1}]}]", "")]
    [InlineData("vault: vault0, options: {keys: [one], mutual: maybe}, exit: http0", "3:81 bindings.tls0.options.mutual: 'maybe' is none of required, requested, none")]
    [InlineData("vault: vault0, options: {keys: [one], mutual: required, trustcacerts: false}, exit: http0", "3:81 bindings.tls0.options.mutual: without 'trust' and 'trustcacerts' no client's certificate could be trusted")]
    [InlineData("vault: vault0, options: {keys: [one], sni: a}, exit: http0", "3:78 bindings.tls0.options.sni: expected a list, found 'a'")]
    [InlineData("vault: vault0, options: {keys: [one]}", "3:3 bindings.tls0: tls server 'tls0' has neither 'exit' nor 'routes'")]
    public void Load_Mistake_HasItsPlace(string body, string expected) => Assert.Equal(
        expected.Split('|', StringSplitOptions.RemoveEmptyEntries),
        Loader.Mistakes("name: test\nbindings:\n  tls0: {type: tls, kind: server, " + body + "}\n" + Rest, ("KEYS_PASSWORD", "x")));

    [Theory]
    [InlineData("{type: filesystem, options: {keys: {store: a.jks, type: jks}}}", "3:62 vaults.v.options.keys.type: only stores of type pkcs12 are supported, found 'jks'")]
    [InlineData("{type: filesystem, options: {keys: {password: a}}}", "3:35 vaults.v.options.keys: 'store' is missing")]
    [InlineData("{type: filesystem, options: {revocation: crl}}", "3:35 vaults.v.options.revocation: 'revocation' is not supported yet")]
    [InlineData("{type: aws-acm}", "3:13 vaults.v.type: the vault type 'aws-acm' is not supported yet")]
    [InlineData("{type: filesytem}", "3:13 vaults.v.type: there is no vault type 'filesytem'; did you mean 'filesystem'?")]
    public void Load_VaultMistake_HasItsPlace(string vault, string expected) =>
        Assert.Equal([expected], Loader.Mistakes($"name: test\nvaults:\n  v: {vault}\n"));

    [Fact]
    public void Load_Passwords_AreNotShown()
    {
        var result = Loader.Load("name: test\nvaults:\n  v: {type: filesystem, options: {keys: {store: /k, password: secret}, trust: {store: /t, password: '${{env.A}}'}}}\n", ("A", "other"));

        Assert.Equal("name: test\nvaults:\n  v: {type: filesystem, options: {keys: {store: /k, password: '***'}, trust: {store: /t, password: '${{env.A}}'}}}\n", result.ShownText);
    }
}
