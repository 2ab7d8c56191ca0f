using Microsoft.Extensions.Options;
using Zilla.Edge.Tls;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>
/// The ways to services, whatever plans come and go: one that two plans have in common keeps its connections. What no plan has any more goes with its last call.
/// </summary>
internal sealed class UpstreamChannels(TlsState tls, IOptions<UpstreamOptions> options, MessageBudget budget)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UpstreamTarget, WeakReference<UpstreamChannel>> _channels = [];

    public UpstreamChannel Get(UpstreamTarget target)
    {
        lock (_gate)
        {
            if (_channels.TryGetValue(target, out var held) && held.TryGetTarget(out var channel))
            {
                return channel;
            }

            foreach (var gone in _channels.Where(entry => !entry.Value.TryGetTarget(out _)).Select(entry => entry.Key).ToList())
            {
                _channels.Remove(gone);
            }

            channel = new UpstreamChannel(target, tls, options.Value, budget);
            _channels[target] = new(channel);
            return channel;
        }
    }
}
