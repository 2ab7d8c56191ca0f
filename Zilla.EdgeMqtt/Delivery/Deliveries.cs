using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Delivery;

internal sealed class Deliveries(
    CacheClient cache, TopicDispatchers dispatchers, ReportClock reports, RetainedWrites retained, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<Deliveries> logger) : IDeliveries
{
    public CacheClient Cache => cache;

    public TopicDispatchers Dispatchers => dispatchers;

    public ReportClock Reports => reports;

    public RetainedWrites RetainedWrites => retained;

    public DeliveryOptions Options => options.Value;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    public IDelivery Create(ReadOnlyMemory<byte> clientId, IPacketOutput output, ISession session, IMessageTopics topics) =>
        new ClientDelivery(this, clientId, output, session, topics);
}
