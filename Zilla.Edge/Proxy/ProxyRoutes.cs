using System.Net;
using System.Net.Sockets;
using Zilla.Config.Bindings;
using Zilla.Edge.Routing;

namespace Zilla.Edge.Proxy;

/// <summary>The routes of a proxy server binding, compiled.</summary>
internal sealed class ProxyRoutes
{
    private readonly ProxyServerBinding _binding;
    private readonly List<(string Exit, List<Condition> When)> _routes;

    /// <exception cref="FormatException">A pattern or an address is malformed.</exception>
    public ProxyRoutes(ProxyServerBinding binding)
    {
        _binding = binding;
        _routes = [.. binding.Routes.Select(route => (route.Exit, route.When.Select(when => new Condition(when)).ToList()))];
    }

    /// <summary>Every binding that they lead to.</summary>
    public static IEnumerable<string> Exits(ProxyServerBinding binding) => binding.Routes.Select(route => route.Exit).Append(binding.Exit).OfType<string>().Distinct();

    /// <summary>The first route's exit that takes such a connection, else the binding's own; null = nothing takes it.</summary>
    /// <param name="header">What is said of it.</param>
    /// <param name="remote">The connection's own other end, which counts where nothing is said.</param>
    /// <param name="local">Likewise.</param>
    public string? Find(ProxyHeader header, EndPoint? remote, EndPoint? local)
    {
        var (source, destination) = (header.Source ?? remote, header.Destination ?? local);
        foreach (var (exit, when) in _routes)
        {
            if (when.Count == 0 || when.Exists(condition => condition.Holds(header, source, destination)))
            {
                return exit;
            }
        }

        return _binding.Exit;
    }

    private sealed class Condition(ProxyCondition condition)
    {
        private readonly PathPattern? _authority = condition.Authority is { } pattern ? PathPattern.Compile(pattern.ToLowerInvariant()) : null;
        private readonly IPNetwork? _source = Network(condition.Source);
        private readonly IPNetwork? _destination = Network(condition.Destination);

        public bool Holds(ProxyHeader header, EndPoint? source, EndPoint? destination) =>
            (condition.Transport is null || condition.Transport == header.Transport)
            && IsOf(condition.Family, source)
            && Holds(condition.Source, _source, source)
            && Holds(condition.Destination, _destination, destination)
            && IsSame(condition.Alpn, header.Alpn)
            && (_authority is null || (header.Authority is { } authority && _authority.IsMatch(authority.ToLowerInvariant())))
            && IsSame(condition.Identity, header.Identity)
            && IsSame(condition.Namespace, header.Namespace)
            && (condition.Secure is not { } wanted || (header.Secure is { } secure
                && IsSame(wanted.Version, secure.Version) && IsSame(wanted.Cipher, secure.Cipher) && IsSame(wanted.Key, secure.Key)
                && IsSame(wanted.Name, secure.Name) && IsSame(wanted.Signature, secure.Signature)));

        private static bool IsSame(string? wanted, string? found) => wanted is null || wanted == found;

        private static bool IsOf(ProxyFamily? family, EndPoint? source) => family switch
        {
            null => true,
            ProxyFamily.Unix => source is UnixPath,
            ProxyFamily.Inet4 => source is IPEndPoint { AddressFamily: AddressFamily.InterNetwork },
            ProxyFamily.Inet6 => source is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 },
            _ => source is IPEndPoint,
        };

        private static bool Holds(ProxyEndpoint? wanted, IPNetwork? network, EndPoint? found) =>
            wanted is null || (found is IPEndPoint address
                && (network is not { } hosts || hosts.Contains(address.Address))
                && (wanted.Ports.Count == 0 || wanted.Ports.Contains(address.Port)));

        private static IPNetwork? Network(ProxyEndpoint? endpoint) => endpoint?.Host is not { } host ? null
            : IPAddress.TryParse(host, out var address) ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            : IPNetwork.TryParse(host, out var network) ? network
            : throw new FormatException($"'{host}' is neither an address nor a network");
    }
}
