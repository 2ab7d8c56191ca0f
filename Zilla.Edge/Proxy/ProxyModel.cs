using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.Edge.Proxy;

/// <summary>Which ports of the plan's listeners begin with a PROXY preamble, and where it leads.</summary>
public sealed class ProxyModel
{
    private readonly Dictionary<string, List<(IReadOnlyList<int> Ports, ProxyRoutes? Routes)>> _listeners = new(StringComparer.Ordinal);

    private ProxyModel()
    {
    }

    internal static ProxyModel Empty { get; } = new();

    /// <exception cref="FormatException">A pattern or an address is malformed; the message names the binding.</exception>
    internal static ProxyModel Compile(ServicePlan plan)
    {
        var routes = plan.Bindings.OfType<ProxyServerBinding>().ToDictionary(proxy => proxy.Name, Routes, StringComparer.Ordinal);
        var model = new ProxyModel();
        var listening = plan.Listeners.Select(listener => listener.Binding).ToHashSet(StringComparer.Ordinal);
        foreach (var tcp in plan.Bindings.OfType<TcpServerBinding>().Where(tcp => listening.Contains(tcp.Name)))
        {
            var ports = tcp.Routes.Select(route => (route.Ports, routes.GetValueOrDefault(route.Exit)));
            model._listeners[tcp.Name] = tcp.Exit is { } exit ? [.. ports, ([], routes.GetValueOrDefault(exit))] : [.. ports];
        }

        return model;
    }

    internal ProxyRoutes? Find(string binding, int port)
    {
        foreach (var (ports, routes) in _listeners.GetValueOrDefault(binding) ?? [])
        {
            if (ports.Count == 0 || ports.Contains(port))
            {
                return routes;
            }
        }

        return null;
    }

    private static ProxyRoutes Routes(ProxyServerBinding proxy)
    {
        try
        {
            return new ProxyRoutes(proxy);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{proxy.Name}: {e.Message}", e);
        }
    }
}
