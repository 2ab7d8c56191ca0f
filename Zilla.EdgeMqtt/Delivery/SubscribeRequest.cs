using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Subscription = Zilla.EdgeMqtt.Packets.Subscription;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// What one SUBSCRIBE asks for, until it is in force. What is granted has all of its topics followed, or is taken into its groups; where the feeds of the topics are is looked up before anything is
/// durable, so that nothing is missed that comes after it.
/// </summary>
internal sealed class SubscribeRequest
{
    private readonly ClientTopics _topics;
    private readonly ShareGroups _groups;
    private readonly ILogger _logger;
    private readonly ClientSubscription[] _asked;
    private readonly Dictionary<TopicName, KafkaProgress> _starts = [];

    /// <param name="asked">Copied.</param>
    /// <param name="identifier">0 = none.</param>
    /// <param name="routes">Where messages are.</param>
    /// <param name="topics">Of the client.</param>
    /// <param name="groups">Of the client.</param>
    /// <param name="logger">Is told which topics cannot be read.</param>
    public SubscribeRequest(IReadOnlyList<Subscription> asked, uint identifier, IMessageTopics routes, ClientTopics topics, ShareGroups groups, ILogger logger)
    {
        (_topics, _groups, _logger) = (topics, groups, logger);
        _asked = [.. asked.Select(s => new ClientSubscription(Grant(s, identifier), routes.Of(s.Filter.Filter.Span)))];
        Codes = new ReasonCode[_asked.Length];
    }

    /// <summary>What SUBACK says of each.</summary>
    public ReasonCode[] Codes { get; }

    public IReadOnlyList<ClientSubscription> Granted => [.. _asked.Where((_, i) => Codes[i] < ReasonCode.UnspecifiedError)];

    /// <summary>Where the feed of each topic was.</summary>
    public IReadOnlyDictionary<TopicName, KafkaProgress> Starts => _starts;

    /// <summary>Says what is granted.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _asked.Length; i++)
        {
            Codes[i] = await PrepareAsync(_asked[i], cancellationToken);
        }
    }

    /// <summary>What the session has to know before SUBACK.</summary>
    public MqttSubscribe ToMessage()
    {
        var change = new MqttSubscribe();
        change.Added.Add(Granted.Select(s => s.Options.ToMessage()));
        foreach (var topic in Granted.SelectMany(s => s.PlacedIn.Select(topic => (Topic: topic, s.Options.IsDurable))).GroupBy(t => t.Topic))
        {
            var start = TopicProgress.ToMessage(topic.Key.Topic, _starts[topic.Key]);
            if (_topics[topic.Key].Cursor is not null)
            {
                change.FilterStart.Add(start);
            }
            else if (topic.Any(t => t.IsDurable))
            {
                change.Start.Add(start);
            }
        }

        return change;
    }

    /// <summary>Leaves the groups of what is not in force in the end.</summary>
    public async Task LeaveUnlessAsync(Predicate<ClientSubscription> isInForce)
    {
        foreach (var subscription in _asked)
        {
            if (!isInForce(subscription))
            {
                await subscription.LeaveAsync();
            }
        }
    }

    private static FilterOptions Grant(in Subscription asked, uint identifier)
    {
        // What is shared is settled by whichever client of the group is there: it could not complete QoS 2 for another (decision 0024).
        var most = asked.Filter.IsShared ? QualityOfService.AtLeastOnce : QualityOfService.ExactlyOnce;
        var text = new MqttString(asked.Filter.Text.Utf8.ToArray());
        TopicFilter.TryParse(text, asked.Filter.IsShared ? MqttVersion.V5 : MqttVersion.V311, out var filter);
        return new(filter, asked.MaximumQoS < most ? asked.MaximumQoS : most, identifier)
        {
            NoLocal = asked.NoLocal,
            RetainAsPublished = asked.RetainAsPublished,
            RetainHandling = asked.RetainHandling,
        };
    }

    private async Task<ReasonCode> PrepareAsync(ClientSubscription subscription, CancellationToken cancellationToken)
    {
        var options = subscription.Options;
        if (!TopicFilterTree<LiveFilter>.Holds(options.Filter.Filter.Span))
        {
            return ReasonCode.TopicFilterInvalid;
        }

        if (subscription.Topics.Count == 0)
        {
            return ReasonCode.NotAuthorized;
        }

        foreach (var topic in subscription.Topics)
        {
            try
            {
                if (options.Filter.IsShared)
                {
                    subscription.Shares.Add(await _groups.JoinAsync(options, topic, cancellationToken));
                }
                else if (!_starts.ContainsKey(topic))
                {
                    _starts[topic] = await _topics[topic].Dispatcher.PositionAsync(cancellationToken);
                }
            }
            catch (StreamBrokenException e)
            {
                DeliveryLog.TopicUnavailable(_logger, topic, e.Cause, e.Message);
                return ReasonCode.ImplementationSpecificError;
            }
            catch (SessionRefusedException e)
            {
                return e.Reason;
            }
        }

        return (ReasonCode)options.Granted;
    }
}
