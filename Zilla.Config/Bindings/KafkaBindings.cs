using Zilla.Config.Models;

namespace Zilla.Config.Bindings;

/// <summary>What a produced record waits for before its client is answered.</summary>
public enum KafkaAcks
{
    InSyncReplicas,
    LeaderOnly,
    None,
}

/// <summary>A record passes if the key (null = any) and every header match. Strings may hold <c>${params.x}</c>.</summary>
public sealed record KafkaFilterConfig
{
    public string? Key { get; init; }
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>Reference §2.13: where a stream comes from when the cache starts to hold a topic.</summary>
public enum KafkaDefaultOffset
{
    Historical,
    Live,
}

public sealed record KafkaTopicConfig
{
    /// <summary>May hold <c>*</c> wildcards.</summary>
    public required string Name { get; init; }

    public KafkaDefaultOffset DefaultOffset { get; init; }

    /// <summary>What keys have to be; null = anything.</summary>
    public ModelConfig? Key { get; init; }

    /// <summary>What values have to be; null = anything.</summary>
    public ModelConfig? Value { get; init; }
}

/// <summary>Reference §2.13: takes a stream whose topic matches any of <see cref="Topics"/> (wildcards; none = every topic).</summary>
public sealed record KafkaRoute
{
    public required string Exit { get; init; }
    public IReadOnlyList<string> Topics { get; init; } = [];
}

/// <summary>Reference §2.13. The edges' side of the cache.</summary>
public sealed record KafkaCacheClientBinding : BindingConfig
{
    public IReadOnlyList<KafkaTopicConfig> Topics { get; init; } = [];
    public IReadOnlyList<KafkaRoute> Routes { get; init; } = [];
}

/// <summary>Reference §2.13. The cache itself.</summary>
public sealed record KafkaCacheServerBinding : BindingConfig
{
    /// <summary>Topics filled at start.</summary>
    public IReadOnlyList<string> Bootstrap { get; init; } = [];

    public IReadOnlyList<KafkaTopicConfig> Topics { get; init; } = [];
    public IReadOnlyList<KafkaRoute> Routes { get; init; } = [];
}

/// <summary>Reference §2.13. The cluster.</summary>
public sealed record KafkaClientBinding : BindingConfig
{
    /// <summary>host:port. Empty: the host and port of the tcp client it exits to.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Null: the client does not say who it is.</summary>
    public KafkaSasl? Sasl { get; init; }

    public IReadOnlyList<KafkaRoute> Routes { get; init; } = [];
}
