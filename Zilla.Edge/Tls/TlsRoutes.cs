using Zilla.Config.Bindings;
using Zilla.Edge.Routing;

namespace Zilla.Edge.Tls;

/// <summary>The routes of a tls server binding, compiled.</summary>
public sealed class TlsRoutes
{
    private readonly TlsServerBinding _binding;
    private readonly List<(string Exit, List<Condition> When)> _routes;

    /// <exception cref="FormatException">A pattern is malformed.</exception>
    public TlsRoutes(TlsServerBinding binding)
    {
        ArgumentNullException.ThrowIfNull(binding);
        _binding = binding;
        _routes = [.. binding.Routes.Select(route => (route.Exit, route.When.Select(when => new Condition(when)).ToList()))];
    }

    /// <summary>The first route's exit that takes such a connection, else the binding's own; null = nothing takes it.</summary>
    /// <param name="serverName">What the client asks for; empty = nothing.</param>
    /// <param name="protocol">The application protocol agreed on; empty = none.</param>
    /// <param name="port">The local port.</param>
    public string? Find(string serverName, string protocol, int port)
    {
        foreach (var (exit, when) in _routes)
        {
            if (when.Count == 0 || when.Exists(condition => condition.Holds(serverName, protocol, port)))
            {
                return exit;
            }
        }

        return _binding.Exit;
    }

    private sealed class Condition(TlsCondition condition)
    {
        private readonly PathPattern? _authority = condition.Authority is { } pattern ? PathPattern.Compile(pattern.ToLowerInvariant()) : null;

        public bool Holds(string serverName, string protocol, int port) =>
            (_authority is null || _authority.IsMatch(serverName.ToLowerInvariant()))
            && (condition.Alpn is null || condition.Alpn == protocol)
            && (condition.Ports.Count == 0 || condition.Ports.Contains(port));
    }
}
