using Zilla.Config.Bindings;
using Zilla.Config.Loading;
using Zilla.Config.Telemetry;
using Zilla.Config.Vaults;

namespace Zilla.Config.Validation;

/// <summary>
/// The stores that a tls binding or an exporter needs are in its vault, and aliases are among the <c>entries</c> of a store that limits them. That the vault
/// itself exists is checked with the other names.
/// </summary>
internal sealed class VaultHoldsWhatIsNamed : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var exporter in configuration.Telemetry.Exporters.OfType<OtlpExporter>())
        {
            if (exporter is { Tls: { } tls, Vault: { } name } && configuration.Vaults.GetValueOrDefault(name) is { } vault)
            {
                var at = ConfigurationPath.Root / "telemetry" / "exporters" / exporter.Name / "options" / "tls";
                Check(vault, vault.Keys, "keys", tls.Keys, at / "keys", findings);
                Check(vault, vault.Trust, "trust", tls.Trust, at / "trust", findings);
            }
        }

        foreach (var tls in configuration.Bindings.Values.OfType<TlsBinding>())
        {
            if (tls.Vault is null || configuration.Vaults.GetValueOrDefault(tls.Vault) is not { } vault)
            {
                continue;
            }

            var options = BindingGraph.PathOf(tls) / "options";
            Check(vault, vault.Keys, "keys", tls.Keys, options / "keys", findings);
            Check(vault, vault.Signers, "signers", tls.Signers, options / "signers", findings);
            Check(vault, vault.Trust, "trust", tls.Trust, options / "trust", findings);
            if (tls.Signers.Count > 0 && vault.Keys is null)
            {
                findings.Report(options / "signers", $"the vault '{vault.Name}' has no 'keys'");
            }

            if (tls is TlsServerBinding server)
            {
                CheckRoutes(vault, server, findings);
            }

            if (tls is TlsServerBinding { Mutual: not TlsMutual.None } && tls.Trust.Count == 0 && !tls.TrustCaCerts)
            {
                findings.Report(options / "mutual", "without 'trust' and 'trustcacerts' no client's certificate could be trusted");
            }
        }
    }

    private static void CheckRoutes(FilesystemVault vault, TlsServerBinding server, Findings findings)
    {
        foreach (var (route, index) in server.Routes.Select((route, index) => (route, index)))
        {
            foreach (var (when, number) in route.When.Select((when, number) => (when, number)))
            {
                var at = BindingGraph.PathOf(server) / "routes" / index / "when" / number;
                Check(vault, vault.Trust, "trust", when.Trust, at / "trust", findings);
                if (server.Mutual == TlsMutual.None && (when.Trust.Count > 0 || when.HasCertificate is true))
                {
                    findings.Report(at / (when.Trust.Count > 0 ? "trust" : "mutual"), "clients show no certificate: that takes 'mutual: requested', or 'required', in the options");
                }
            }
        }
    }

    private static void Check(FilesystemVault vault, VaultStore? store, string key, IReadOnlyList<string> aliases, ConfigurationPath at, Findings findings)
    {
        if (aliases.Count > 0 && store is null)
        {
            findings.Report(at, $"the vault '{vault.Name}' has no '{key}'");
        }

        foreach (var (index, alias) in aliases.Index())
        {
            if (store is { Entries.Count: > 0 } && !store.Entries.Contains(alias, StringComparer.OrdinalIgnoreCase))
            {
                findings.Report(at / index, $"'{alias}' is not among the 'entries' of '{key}' in the vault '{vault.Name}'" + findings.Suggest(alias, store.Entries));
            }
        }
    }
}
