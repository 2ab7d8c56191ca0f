using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>Where records go, and with which promise. All that is produced to equal targets shares one stream and keeps its order.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Acks">What the outcome waits for.</param>
/// <param name="Retry">For records that may be lost on the way; with <see cref="KafkaProduce.Types.Acks.None"/> they always are: at most once.</param>
public readonly record struct PipeTarget(TopicName Topic, KafkaProduce.Types.Acks Acks, ProduceRetry Retry);
