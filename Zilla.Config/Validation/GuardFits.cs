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

            if (binding is HttpClientBinding { Authorization: { } presented })
            {
                CheckPresented(presented, authorization / presented.Guard, configuration, findings);
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

    /// <summary>What an http client presents can be put into headers.</summary>
    private static void CheckPresented(HttpAuthorization presented, ConfigurationPath at, ZillaConfiguration configuration, Findings findings)
    {
        switch (configuration.Guards.GetValueOrDefault(presented.Guard))
        {
            case JwtGuard or X509Guard:
                findings.Report(at, $"the guard '{presented.Guard}' does not hold what an http client presents: expected one of type inline");
                break;

            case InlineGuard guard:
                foreach (var (name, template) in presented.Headers)
                {
                    var place = at / "credentials" / "headers" / name;
                    if (template.Contains(HttpAuthorization.UsernameAndPassword, StringComparison.Ordinal) && !guard.Credentials.Contains(':', StringComparison.Ordinal))
                    {
                        findings.Report(place, $"the credentials of the guard '{guard.Name}' are no username and password with a colon between them");
                    }
                }

                foreach (var (name, value) in presented.With(guard))
                {
                    if (OverridesFit.HeaderProblem(name, value) is { } problem)
                    {
                        findings.Report(at / "credentials" / "headers", problem);
                    }
                }

                break;
        }
    }
}
