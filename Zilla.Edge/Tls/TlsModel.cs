using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;
using Zilla.Edge.Proxy;

namespace Zilla.Edge.Tls;

/// <summary>Which ports of the plan's listeners speak TLS, and how; and how services are spoken to that want it.</summary>
public sealed class TlsModel
{
    private readonly Dictionary<string, List<(IReadOnlyList<int> Ports, TlsServer? Server)>> _listeners = new(StringComparer.Ordinal);

    private readonly Dictionary<string, TlsClient> _clients = new(StringComparer.Ordinal);

    private TlsModel()
    {
    }

    internal static TlsModel Empty { get; } = new();

    /// <summary>Reads every store that the plan's tls bindings need.</summary>
    /// <exception cref="FormatException">That is not possible; the message names the binding or the file.</exception>
    internal static TlsModel Compile(ServicePlan plan)
    {
        var bindings = plan.Bindings.ToDictionary(binding => binding.Name, StringComparer.Ordinal);
        var servers = plan.Bindings.OfType<TlsServerBinding>().ToDictionary(tls => tls.Name, tls => Server(plan, bindings, tls), StringComparer.Ordinal);
        var model = new TlsModel();
        foreach (var tcp in plan.Listeners.Select(listener => bindings.GetValueOrDefault(listener.Binding)).OfType<TcpServerBinding>())
        {
            var routes = tcp.Routes.Select(route => (route.Ports, servers.GetValueOrDefault(route.Exit)));
            model._listeners[tcp.Name] = tcp.Exit is { } exit ? [.. routes, ([], servers.GetValueOrDefault(exit))] : [.. routes];
        }

        // What follows a PROXY preamble is known by the name of the exit that its route has.
        foreach (var entrance in plan.Bindings.OfType<ProxyServerBinding>().SelectMany(ProxyRoutes.Exits))
        {
            model._listeners[entrance] = [([], servers.GetValueOrDefault(entrance))];
        }

        foreach (var tls in plan.Bindings.OfType<TlsClientBinding>())
        {
            model._clients[tls.Name] = new TlsClient(tls, tls.Vault is null ? null : VaultOf(plan, tls));
        }

        return model;
    }

    /// <param name="binding">Name of a tls client binding.</param>
    /// <returns>The same until a plan comes or a store changes; null: there is none in force.</returns>
    public TlsClient? FindClient(string binding) => _clients.GetValueOrDefault(binding);

    /// <summary>True if clients of the port speak TLS.</summary>
    public bool IsTls(string binding, int port) => Find(binding, port) is not null;

    internal TlsServer? Find(string binding, int port)
    {
        foreach (var (ports, server) in _listeners.GetValueOrDefault(binding) ?? [])
        {
            if (ports.Count == 0 || ports.Contains(port))
            {
                return server;
            }
        }

        return null;
    }

    private static TlsServer Server(ServicePlan plan, Dictionary<string, BindingConfig> bindings, TlsServerBinding tls)
    {
        var vault = VaultOf(plan, tls);
        var exits = tls.Routes.Select(route => route.Exit).Append(tls.Exit).OfType<string>();
        var spoken = exits.Select(exit => bindings.GetValueOrDefault(exit)).OfType<HttpServerBinding>().SelectMany(http => http.Versions).ToHashSet(StringComparer.Ordinal);
        string[] preferred = ["h2", "http/1.1"];
        return new TlsServer(tls, vault, [.. preferred.Where(spoken.Contains)]);
    }

    private static FilesystemVault VaultOf(ServicePlan plan, TlsBinding tls) =>
        plan.Vaults.FirstOrDefault(vault => vault.Name == tls.Vault) ?? throw new FormatException($"{tls.Name}: the plan lacks its vault {tls.Vault}");
}
