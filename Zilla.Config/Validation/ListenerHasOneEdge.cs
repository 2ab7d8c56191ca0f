using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>An exit of a tcp server leads to bindings of one edge. Ports can be given to different edges; one connection cannot yet be handed from one to another.</summary>
internal sealed class ListenerHasOneEdge : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var tcp in configuration.Bindings.Values.OfType<TcpServerBinding>())
        {
            foreach (var (exit, at) in tcp.Exits())
            {
                if (configuration.Bindings.GetValueOrDefault(exit) is { } next && EdgeChoice.Of(configuration, next) is [var first, ..] choices
                    && choices.FirstOrDefault(other => other.Edge != first.Edge).Binding is { } second)
                {
                    findings.Report(at, $"a listener that leads to '{first.Binding.Name}', a {first.Binding.TypeAndKind()}, and to '{second.Name}', a {second.TypeAndKind()}, "
                        + "is not supported yet: give each a port of its own");
                }
            }
        }
    }
}
