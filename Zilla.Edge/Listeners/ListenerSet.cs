using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Edge.Limits;
using Zilla.Edge.Telemetry;

namespace Zilla.Edge.Listeners;

/// <summary>
/// The listeners of this process, as the plan in force has them. A change happens in two steps, so that a plan is taken whole or not at all:
/// <see cref="PrepareAsync"/> binds what is new, <see cref="PreparedListeners.Commit"/> makes it the state.
/// </summary>
public sealed class ListenerSet : IAsyncDisposable
{
    private readonly ListenerOptions _options;
    private readonly IConnectionTarget _target;
    private readonly TimeProvider _time;
    private readonly ILogger<ListenerSet> _logger;
    private readonly ConnectionBudget _budget;
    private readonly SocketConnectionContextFactory _contexts;
    private readonly LimitOptions _limits;
    private Dictionary<IPEndPoint, Listener> _listeners = [];
    private IReadOnlyDictionary<string, ConnectionLimiter> _limiters = new Dictionary<string, ConnectionLimiter>();

    public ListenerSet(IOptions<ListenerOptions> options, IOptions<LimitOptions> limits, IConnectionTarget target, TimeProvider time, ILogger<ListenerSet> logger)
    {
        (_options, _limits, _target, _time, _logger) = (options.Value, limits.Value, target, time, logger);
        _budget = new ConnectionBudget(_options.MaxConnections);
        _contexts = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), logger);
    }

    /// <summary>What is listened on.</summary>
    public IReadOnlyCollection<IPEndPoint> EndPoints => _listeners.Keys;

    /// <summary>What is listened on, and for which tcp server binding.</summary>
    public IReadOnlyCollection<(IPEndPoint EndPoint, string Binding)> Bindings => [.. _listeners.Select(l => (l.Key, l.Value.Binding))];

    /// <summary>Open connections, those of listeners that are draining included.</summary>
    public int Connections => _budget.Taken;

    /// <summary>Binds what <paramref name="plans"/> has and the set lacks. Nothing else changes yet. One change at a time.</summary>
    /// <param name="plans">All listeners that there are to be.</param>
    /// <param name="metrics">Of those bindings whose connections are counted as streams.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PortUnavailableException">A port cannot be had; whatever was bound for this plan is given back.</exception>
    public async Task<PreparedListeners> PrepareAsync(IReadOnlyList<ListenerPlan> plans, IReadOnlyDictionary<string, StreamMetrics> metrics, CancellationToken cancellationToken)
    {
        var wanted = await ResolveAsync(plans, cancellationToken);
        var limiters = plans.ToDictionary(plan => plan.Binding, plan => _limiters.GetValueOrDefault(plan.Binding) ?? new ConnectionLimiter(plan.Binding, _limits, _time, _logger));
        var prepared = new PreparedListeners(this, wanted, limiters, plans) { Metrics = metrics };
        try
        {
            foreach (var (endPoint, binding) in wanted)
            {
                if (!_listeners.ContainsKey(endPoint))
                {
                    var socket = await ListeningSocket.BindAsync(endPoint, _options, _time, cancellationToken);
                    prepared.Opened.Add(new Listener(socket, binding, limiters[binding], _budget, _target, _contexts, new TcpKeepAlive(_options), _time, _logger));
                }
            }

            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <summary>Stops accepting and lets connections finish; for the end of the process.</summary>
    public async Task CloseAsync()
    {
        var closing = _listeners.Values;
        _listeners = [];
        await Task.WhenAll(closing.Select(l => l.CloseAsync(_options.DrainTimeout)));
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    internal Task Commit(PreparedListeners prepared)
    {
        foreach (var opened in prepared.Opened)
        {
            opened.Listen(_options.Backlog);
        }

        foreach (var plan in prepared.Plans)
        {
            prepared.Limiters[plan.Binding].Limits = plan.Limits ?? new ConnectionLimits();
        }

        _limiters = prepared.Limiters;
        var opening = prepared.Opened.ToDictionary(l => l.EndPoint);
        var next = new Dictionary<IPEndPoint, Listener>();
        foreach (var (endPoint, binding) in prepared.Wanted)
        {
            var listener = opening.GetValueOrDefault(endPoint) ?? _listeners[endPoint];
            listener.Rename(binding, prepared.Limiters[binding], prepared.Metrics.GetValueOrDefault(binding));
            next[endPoint] = listener;
        }

        var removed = _listeners.Where(l => !next.ContainsKey(l.Key)).Select(l => l.Value).ToList();
        _listeners = next;
        foreach (var opened in prepared.Opened)
        {
            opened.Start();
        }

        return Task.WhenAll(removed.Select(l => l.CloseAsync(_options.DrainTimeout)));
    }

    private async Task<Dictionary<IPEndPoint, string>> ResolveAsync(IReadOnlyList<ListenerPlan> plans, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<IPEndPoint, string>();
        foreach (var plan in plans)
        {
            foreach (var address in await AddressesAsync(_options.ListenAddress is { Length: > 0 } own ? own : plan.Host, cancellationToken))
            {
                foreach (var port in plan.Ports)
                {
                    if (!wanted.TryAdd(new IPEndPoint(address, port), plan.Binding))
                    {
                        throw new PortUnavailableException($"{plan.Binding}: {plan.Host}:{port} is listened on by {wanted[new IPEndPoint(address, port)]} already");
                    }
                }
            }
        }

        return wanted;
    }

    private static async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new PortUnavailableException($"Cannot listen on {host}: no such host", e);
        }
    }
}
