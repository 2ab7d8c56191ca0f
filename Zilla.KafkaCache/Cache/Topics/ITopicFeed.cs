namespace Zilla.KafkaCache.Cache.Topics;

/// <summary>Fills topics from Kafka.</summary>
internal interface ITopicFeed
{
    /// <summary>Starts to fill a topic and keeps at it, whatever happens, until <see cref="Leave"/>.</summary>
    void Join(TopicCache topic);

    void Leave(TopicCache topic);
}
