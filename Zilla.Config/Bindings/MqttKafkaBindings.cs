namespace Zilla.Config.Bindings;

/// <summary>Reference §2.12, §4.3. What no route takes goes to <see cref="MqttKafkaTopics.Messages"/>.</summary>
public sealed record MqttKafkaBinding : BindingConfig
{
    public required MqttKafkaTopics Topics { get; init; }

    /// <summary>
    /// Topic filters with <c>{identity}</c> for one level. A message whose topic one of them matches goes to the partition of that level's text instead of
    /// its topic's, so that all of a client's messages are in one.
    /// </summary>
    public IReadOnlyList<string> Clients { get; init; } = [];

    /// <summary>The most that clients may publish with.</summary>
    public MqttQos MaxPublishQos { get; init; } = MqttQos.ExactlyOnce;

    public IReadOnlyList<MqttKafkaRoute> Routes { get; init; } = [];
}

/// <summary>Topics of Kafka. Three different ones.</summary>
public sealed record MqttKafkaTopics
{
    /// <summary>Compacted.</summary>
    public required string Sessions { get; init; }

    public required string Messages { get; init; }

    /// <summary>Compacted.</summary>
    public required string Retained { get; init; }
}

/// <summary>To a kafka cache_client: messages of another topic, for what any of <see cref="When"/> matches; none = everything.</summary>
public sealed record MqttKafkaRoute : RouteConfig
{
    public IReadOnlyList<MqttKafkaCondition> When { get; init; } = [];

    /// <summary>Topic of Kafka; may hold <c>${params.x}</c>, which every filter of <see cref="When"/> binds.</summary>
    public required string Messages { get; init; }
}

/// <summary>Topic filters in which <c>{name}</c> stands for one level, any of which matches. None of <see cref="Publish"/> = it takes nothing published; likewise <see cref="Subscribe"/>.</summary>
public sealed record MqttKafkaCondition
{
    public IReadOnlyList<string> Publish { get; init; } = [];
    public IReadOnlyList<string> Subscribe { get; init; } = [];
}

/// <summary>Quality of service.</summary>
public enum MqttQos
{
    AtMostOnce,
    AtLeastOnce,
    ExactlyOnce,
}
