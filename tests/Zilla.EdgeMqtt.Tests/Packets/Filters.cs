using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Packets;

/// <summary>Topic filters, from text that is one.</summary>
internal static class Filters
{
    public static TopicFilter Of(string text)
    {
        Assert.True(TopicFilter.TryParse(text, MqttVersion.V5, out var filter), text);
        return filter;
    }

    /// <summary>As SUBSCRIBE asks for it.</summary>
    public static Subscription Subscription(string text, int qos = 1) => new(Of(text), (QualityOfService)qos);
}
