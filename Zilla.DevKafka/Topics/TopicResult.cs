using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Topics;

/// <summary>How a change to a topic went.</summary>
internal readonly record struct TopicResult(ErrorCode Error, Topic? Topic = null, string? Message = null);
