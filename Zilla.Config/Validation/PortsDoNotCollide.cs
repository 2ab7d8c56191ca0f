using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>No two listeners want one port of one address; a wildcard address takes the port of every other.</summary>
internal sealed class PortsDoNotCollide : IConfigurationRule
{
    private static readonly string[] Wildcards = ["0.0.0.0", "::", "[::]", "*"];

    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        var taken = new Dictionary<int, List<TcpServerBinding>>();
        foreach (var binding in configuration.Bindings.Values.OfType<TcpServerBinding>())
        {
            var reported = new HashSet<string>(StringComparer.Ordinal);
            foreach (var port in binding.Ports)
            {
                var owners = taken.TryGetValue(port, out var known) ? known : taken[port] = [];
                if (owners.Find(owner => ReferenceEquals(owner, binding) || Overlap(owner.Host, binding.Host)) is { } other && reported.Add(other.Name))
                {
                    findings.Report(
                        BindingGraph.PathOf(binding) / "options" / "port",
                        ReferenceEquals(other, binding) ? $"port {port} is named twice" : $"port {port} is taken by '{other.Name}' already");
                }

                owners.Add(binding);
            }
        }
    }

    private static bool Overlap(string one, string other) =>
        string.Equals(one, other, StringComparison.OrdinalIgnoreCase) || Wildcards.Contains(one) || Wildcards.Contains(other);
}
