using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A limit per identity stands where somebody says who a client is: a guard of the http server, or of a tls server that leads to it.</summary>
internal sealed class IdentityIsKnown : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var http in configuration.Bindings.Values.OfType<HttpServerBinding>().Where(http => http is { Limits.RatePerIdentity: not null, Authorization: null }))
        {
            if (!configuration.Bindings.Values.Any(before => before is TlsServerBinding { Guard: not null } && configuration.Next(before).Contains(http)))
            {
                findings.Report(
                    BindingGraph.PathOf(http) / "options" / "limits" / "rate-per-identity",
                    "nobody says who a client is: 'rate-per-identity' needs 'authorization', here or of the tls server before it");
            }
        }
    }
}
