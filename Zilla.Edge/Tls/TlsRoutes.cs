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
    /// <param name="client">What has been agreed with it.</param>
    /// <param name="port">The local port.</param>
    public string? Find(ITlsFeature client, int port)
    {
        ArgumentNullException.ThrowIfNull(client);
        foreach (var (exit, when) in _routes)
        {
            if (when.Count == 0 || when.Exists(condition => condition.Holds(client.ServerName, client.Protocol, port) && condition.Holds(client)))
            {
                return exit;
            }
        }

        return _binding.Exit;
    }

    /// <summary>Whether something may take such a connection, with the certificate that is right for it.</summary>
    /// <param name="serverName">What the client asks for; empty = nothing.</param>
    /// <param name="protocol">The application protocol to agree on; empty = none.</param>
    /// <param name="port">The local port.</param>
    public bool MayTake(string serverName, string protocol, int port) =>
        _binding.Exit is not null || _routes.Exists(route => route.When.Count == 0 || route.When.Exists(condition => condition.Holds(serverName, protocol, port)));

    private sealed class Condition(TlsCondition condition)
    {
        private readonly PathPattern? _authority = condition.Authority is { } pattern ? PathPattern.Compile(pattern.ToLowerInvariant()) : null;

        public bool Holds(string serverName, string protocol, int port) =>
            (_authority is null || _authority.IsMatch(serverName.ToLowerInvariant()))
            && (condition.Alpn is null || condition.Alpn == protocol)
            && (condition.Ports.Count == 0 || condition.Ports.Contains(port));

        /// <summary>As far as it is about the client's certificate.</summary>
        public bool Holds(ITlsFeature client) =>
            (condition.HasCertificate is null || condition.HasCertificate == client.ClientCertificate is not null)
            && (condition.Trust.Count == 0 || condition.Trust.Any(client.TrustedBy.Contains));
    }
}
