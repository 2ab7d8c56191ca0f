using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Cache.Topics;

/// <summary>Why a topic cannot be read now.</summary>
internal sealed record TopicProblem(Cause Cause, string Message);
