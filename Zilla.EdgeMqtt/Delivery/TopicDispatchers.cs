using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>The dispatchers of this edge: one for each topic of Kafka that a client reads.</summary>
internal sealed class TopicDispatchers(CacheClient cache, IOptions<DeliveryOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicName, TopicDispatcher> _dispatchers = [];

    /// <summary>Until <see cref="Release"/>.</summary>
    public TopicDispatcher Lease(TopicName topic)
    {
        lock (_gate)
        {
            if (!_dispatchers.TryGetValue(topic, out var dispatcher))
            {
                _dispatchers[topic] = dispatcher = new(cache, topic, options.Value, time);
            }

            dispatcher.Leases++;
            return dispatcher;
        }
    }

    public void Release(TopicDispatcher dispatcher)
    {
        lock (_gate)
        {
            if (--dispatcher.Leases > 0)
            {
                return;
            }

            _dispatchers.Remove(dispatcher.Topic);
        }

        // The feed itself lingers, and is there for whoever comes next.
        dispatcher.Stop();
    }
}
