namespace Zilla.AppHost.Hosting.Arguments;

internal enum OrchestratorChoice
{
    /// <summary>DCP where it is to be had, otherwise plain child processes.</summary>
    Automatic,
    Dcp,
    Local,
}

/// <summary>What the user asked for, by arguments and environment variables.</summary>
internal sealed record AppHostOptions
{
    /// <summary>Absolute path or URL of <c>zilla.yaml</c>.</summary>
    public required string Config { get; init; }

    /// <summary>Whether the configuration leaves the Kafka cluster to us.</summary>
    public bool ConfigReadsKafkaBootstrapServer { get; init; } = true;

    /// <summary>Comma-separated <c>host:port</c> of a cluster to use in place of Zilla.DevKafka.</summary>
    public string? Kafka { get; init; }

    /// <summary>What the user's own environment says, which wins for <c>${{env.KAFKA_BOOTSTRAP_SERVER}}</c>.</summary>
    public string? KafkaBootstrapServer { get; init; }

    public IReadOnlyDictionary<string, int> Replicas { get; init; } = new Dictionary<string, int>();

    /// <summary>What services know each other by (<c>ZILLA_CHANNEL_KEY</c>; a command line can be read by everybody); null: a new one for every run.</summary>
    public string? ChannelKey { get; init; }

    public bool NoDashboard { get; init; }

    /// <summary>Null: 18888 if it is free, otherwise any.</summary>
    public int? DashboardPort { get; init; }

    public OrchestratorChoice Orchestrator { get; init; }

    /// <summary>Absolute path of the folder that survives restarts.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Files to write in place of running anything.</summary>
    public PublishRequest? Publish { get; init; }

    public bool Help { get; init; }

    /// <summary>Why the arguments are refused, if they are.</summary>
    public string? Error { get; init; }
}
