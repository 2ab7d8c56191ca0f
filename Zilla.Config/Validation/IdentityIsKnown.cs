using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A limit per identity stands where somebody says who a client is: a guard of the server itself, or of a tls server that leads to it.</summary>
internal sealed class IdentityIsKnown : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var server in configuration.Bindings.Values.Where(binding => binding is HttpServerBinding { Limits.RatePerIdentity: not null, Authorization: null }
            or MqttServerBinding { Limits.RatePerIdentity: not null, Authorization: null }))
        {
            if (!configuration.Bindings.Values.OfType<TlsServerBinding>().Any(tls => tls.Guard is not null && LeadsTo(tls, server)))
            {
                findings.Report(
                    BindingGraph.PathOf(server) / "options" / "limits" / "rate-per-identity",
                    "nobody says who a client is: 'rate-per-identity' needs 'authorization', here or of the tls server before it");
            }
        }

        // At once, or as a WebSocket. Only what leads on is looked at, so that a circle, which another rule reports, ends.
        bool LeadsTo(BindingConfig from, BindingConfig server) => configuration.Next(from).Any(next => next == server || (LeadsOn(from, next) && LeadsTo(next, server)));
    }

    private static bool LeadsOn(BindingConfig from, BindingConfig next) => (from, next) is (TlsServerBinding, HttpServerBinding) or (HttpServerBinding, WsServerBinding);
}
