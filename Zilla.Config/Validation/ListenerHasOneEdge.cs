using Zilla.Config.Bindings;
using Zilla.Config.Loading;
using Zilla.Config.Plans;

namespace Zilla.Config.Validation;

/// <summary>
/// An exit of a tcp server leads to bindings of one edge, or of those for HTTP and gRPC: the former hands requests over. Ports can be given to different edges; a connection cannot yet.
/// </summary>
internal sealed class ListenerHasOneEdge : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var tcp in configuration.Bindings.Values.OfType<TcpServerBinding>())
        {
            foreach (var (exit, at) in tcp.Exits())
            {
                if (configuration.Bindings.GetValueOrDefault(exit) is { } next && EdgeChoice.Of(configuration, next) is [var first, ..] choices
                    && choices.FirstOrDefault(other => other.Edge != first.Edge && (other.Edge == ServiceNames.EdgeMqtt || first.Edge == ServiceNames.EdgeMqtt)).Binding is { } second)
                {
                    findings.Report(at, $"a listener that leads to '{first.Binding.Name}', a {first.Binding.TypeAndKind()}, and to '{second.Name}', a {second.TypeAndKind()}, "
                        + "is not supported yet: give each a port of its own");
                }
            }
        }
    }
}
