using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.2.</summary>
internal static class TlsReader
{
    public static BindingConfig Server(BindingNode node)
    {
        var options = node.Options;
        var keys = options.Texts("keys");
        var signers = options.Texts("signers");
        if (keys.Count > 0 == signers.Count > 0)
        {
            options.Findings.Report(options.Path, keys.Count > 0 ? "'keys' and 'signers' exclude each other" : "'keys' is missing");
        }

        var trust = options.Texts("trust");
        return new TlsServerBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Vault = node.RequiredVault,
            Keys = keys,
            Signers = signers,
            Trust = trust,
            TrustCaCerts = options.Flag("trustcacerts") ?? trust.Count == 0,
            ServerNames = options.Texts("sni"),
            Alpn = options.Texts("alpn"),
            Mutual = options.Choice("mutual", ("required", TlsMutual.Required), ("requested", TlsMutual.Requested), ("none", TlsMutual.None))
                ?? (trust.Count > 0 ? TlsMutual.Required : TlsMutual.None),
            Guard = CertificateAuthorizationReader.Read(options),
            OnlyTls12 = options.Choice("version", ("TLS", false), ("TLSv1.3", false), ("TLSv1.2", true)) ?? false,
            Routes = [.. node.Routes.Select(Route)],
        };
    }

    /// <summary>Towards Kafka or a gRPC service: what the Kafka client library can do of it, a rule says.</summary>
    public static BindingConfig Client(BindingNode node)
    {
        var options = node.Options;
        options.NotHere("is not for a tls client", "mutual", "authorization");
        node.RefuseRoutes("of a tls client are not supported yet");
        var (vault, keys, signers, trust) = (node.Vault, options.Texts("keys"), options.Texts("signers"), options.Texts("trust"));
        if (keys.Count > 0 && signers.Count > 0)
        {
            options.ReportKey("signers", "'keys' and 'signers' exclude each other");
        }

        if (vault is null && keys.Count + signers.Count + trust.Count > 0)
        {
            node.Body.Findings.Report(node.Body.Path, "'vault' is missing");
        }

        var system = options.Flag("trustcacerts") ?? trust.Count == 0;
        if (!system && trust.Count == 0)
        {
            options.ReportKey("trustcacerts", "without 'trust' and 'trustcacerts' no server's certificate could be trusted");
        }

        return new TlsClientBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Vault = vault,
            Keys = keys,
            Signers = signers,
            Trust = trust,
            TrustCaCerts = system,
            ServerNames = options.Texts("sni"),
            Alpn = options.Texts("alpn") is { Count: > 0 } protocols ? protocols : null,
            OnlyTls12 = options.Choice("version", ("TLS", false), ("TLSv1.3", false), ("TLSv1.2", true)) is true ? true : null,
        };
    }

    private static TlsRoute Route(RouteNode route) => new()
    {
        Exit = route.Exit,
        When = [.. route.When.Select(Condition)],
    };

    private static TlsCondition Condition(MappingReader when) => new()
    {
        Authority = when.Text("authority"),
        Alpn = when.Text("alpn"),
        Ports = TcpReader.Ports(when),
        Trust = when.Texts("trust"),
        HasCertificate = when.Choice("mutual", ("required", true), ("none", false)),
    };
}
