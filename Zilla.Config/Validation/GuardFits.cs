using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>An inline guard says who the suite is, upstream; the others say who a client is. That the guards exist is checked with the other names.</summary>
internal sealed class GuardFits : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var binding in configuration.Bindings.Values)
        {
            var authorization = BindingGraph.PathOf(binding) / "options" / "authorization";
            if (binding is KafkaClientBinding { Sasl.Guard: { } upstream } && configuration.Guards.GetValueOrDefault(upstream) is JwtGuard or X509Guard)
            {
                findings.Report(authorization / upstream, $"the guard '{upstream}' does not hold what a kafka client presents: expected one of type inline");
            }

            var carried = (binding as HttpServerBinding)?.Authorization?.Guard ?? (binding as MqttServerBinding)?.Authorization?.Guard;
            if (carried is not null && configuration.Guards.GetValueOrDefault(carried) is InlineGuard)
            {
                findings.Report(authorization / carried, $"the guard '{carried}' is of type inline and tells no client from another");
            }

            if (carried is not null && configuration.Guards.GetValueOrDefault(carried) is X509Guard)
            {
                findings.Report(authorization / carried, $"the guard '{carried}' is of type x509: it belongs to a tls server");
            }

            if (binding is TlsServerBinding { Guard: { } shown } tls)
            {
                if (configuration.Guards.GetValueOrDefault(shown) is { } other and not X509Guard)
                {
                    findings.Report(authorization / shown, $"the guard '{other.Name}' does not judge certificates: expected one of type x509");
                }

                if (tls.Mutual == TlsMutual.None)
                {
                    findings.Report(authorization, "clients show no certificate: 'mutual' is none");
                }
            }

            foreach (var (route, at) in BindingGraph.GuardedRoutes(binding))
            {
                foreach (var name in route.Guarded.Keys.Where(name => configuration.Guards.GetValueOrDefault(name) is InlineGuard))
                {
                    findings.Report(at / "guarded" / name, $"the guard '{name}' is of type inline and tells no client from another");
                }
            }
        }
    }
}
