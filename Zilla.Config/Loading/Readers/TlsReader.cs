using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.2.</summary>
internal static class TlsReader
{
    public static BindingConfig Server(BindingNode node)
    {
        var options = node.Options;
        options.NotYet("sni", "authorization");
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
            Alpn = options.Texts("alpn"),
            Mutual = options.Choice("mutual", ("required", TlsMutual.Required), ("requested", TlsMutual.Requested), ("none", TlsMutual.None))
                ?? (trust.Count > 0 ? TlsMutual.Required : TlsMutual.None),
            OnlyTls12 = options.Choice("version", ("TLS", false), ("TLSv1.3", false), ("TLSv1.2", true)) ?? false,
            Routes = [.. node.Routes.Select(Route)],
        };
    }

    private static TlsRoute Route(RouteNode route) => new()
    {
        Exit = route.Exit,
        When = [.. route.When.Select(Condition)],
    };

    private static TlsCondition Condition(MappingReader when)
    {
        when.NotYet("trust", "mutual");
        return new TlsCondition { Authority = when.Text("authority"), Alpn = when.Text("alpn"), Ports = TcpReader.Ports(when) };
    }
}
