using System.Text;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary>Kafka over TLS: what a kafka client exits to.</summary>
public sealed class TlsClientTests
{
    private const string Chain = """
        name: test
        bindings:
          client0: {type: kafka, kind: cache_client, exit: server0}
          server0: {type: kafka, kind: cache_server, exit: kafka0}
          kafka0: {type: kafka, kind: client, exit: tls0}
          tcp0: {type: tcp, kind: client, options: {host: kafka.example, port: 9093}}

        """;

    private const string Vault = """
        vaults:
          vault0:
            type: filesystem
            options:
              keys: {store: tls/keys.p12, type: pkcs12, password: '${{env.KEYS_PASSWORD}}'}
              trust: {store: tls/trust.p12, type: pkcs12}

        """;

    [Fact]
    public void Load_TlsClient_IsInTheCachesPlanAlone_WithItsVault()
    {
        var configuration = Loader.LoadValid(
            Chain + "  tls0: {type: tls, kind: client, vault: vault0, options: {trust: [ca], keys: [me], sni: [Kafka.example], version: TLSv1.3}, exit: tcp0}\n" + Vault, ("KEYS_PASSWORD", "secret"));
        var plans = PlanCompiler.Compile(configuration, 1);

        var cluster = plans[ServiceNames.KafkaCache].CachedClusters.Single();
        Assert.Equal(["kafka.example:9093"], cluster.Servers);
        Assert.Equal(["me"], cluster.Tls!.Binding.Keys);
        Assert.Equal((false, "/etc/zilla/tls/keys.p12", "secret"), (cluster.Tls.Binding.TrustCaCerts, cluster.Tls.Vault!.Keys!.Path, cluster.Tls.Vault.Keys.Password));
        Assert.DoesNotContain("secret", cluster.ToString(), StringComparison.Ordinal);
        Assert.All(plans.Where(plan => plan.Key != ServiceNames.KafkaCache), plan => Assert.DoesNotContain("secret", Encoding.UTF8.GetString(PlanJson.Serialize(plan.Value)), StringComparison.Ordinal));
    }

    [Fact]
    public void Load_WithoutVault_TheSystemsAuthoritiesAreTrusted()
    {
        var configuration = Loader.LoadValid(Chain + "  tls0: {type: tls, kind: client, exit: tcp0}\n");

        var tls = PlanCompiler.Compile(configuration, 1)[ServiceNames.KafkaCache].CachedClusters.Single().Tls!;
        Assert.True(tls.Binding.TrustCaCerts);
        Assert.Null(tls.Vault);
    }

    [Theory]
    [InlineData("options: {trust: [ca]}, exit: tcp0", "7:3 bindings.tls0: 'vault' is missing")]
    [InlineData("vault: vault0, options: {keys: [a, b]}, exit: tcp0", "7:70 bindings.tls0.options.keys[1]: the Kafka client library shows every broker the same certificate: one key at most")]
    [InlineData("vault: vault0, options: {trustcacerts: false}, exit: tcp0", "7:60 bindings.tls0.options.trustcacerts: without 'trust' and 'trustcacerts' no server's certificate could be trusted")]
    [InlineData("options: {alpn: [h2]}, exit: tcp0", "7:45 bindings.tls0.options.alpn: 'alpn' cannot be honoured: the Kafka client library agrees on no protocol")]
    [InlineData("options: {version: TLSv1.2}, exit: tcp0", "7:54 bindings.tls0.options.version: 'TLSv1.2' cannot be honoured: the Kafka client library speaks TLS 1.3 with brokers that do")]
    [InlineData("options: {sni: [kafka.example, other]}, exit: tcp0", "7:66 bindings.tls0.options.sni[1]: 'other' cannot be asked for: the Kafka client library asks each broker for its own name, here kafka.example")]
    [InlineData("options: {mutual: required}, exit: tcp0", "7:45 bindings.tls0.options.mutual: 'mutual' is not for a tls client")]
    [InlineData("exit: tcp0, routes: [{exit: tcp0}]", "7:47 bindings.tls0.routes: 'routes' of a tls client are not supported yet")]
    [InlineData("vault: vault0, options: {signers: [a]}, exit: tcp0", "7:60 bindings.tls0.options.signers: the vault 'vault0' has no 'signers'")]
    [InlineData("vault: vault0", "5:3 bindings.kafka0: kafka client 'kafka0' has no 'servers'|7:3 bindings.tls0: tls client 'tls0' has neither 'exit' nor 'routes'")]
    public void Load_Mistake_HasItsPlace(string body, string expected) => Assert.Equal(
        expected.Split('|'),
        Loader.Mistakes(Chain + "  tls0: {type: tls, kind: client, " + body + "}\n" + Vault, ("KEYS_PASSWORD", "x")));
}
