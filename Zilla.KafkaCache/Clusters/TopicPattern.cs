using System.IO.Enumeration;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Topic names in the configuration may hold <c>*</c>.</summary>
internal static class TopicPattern
{
    public static bool Matches(string pattern, string topic) => FileSystemName.MatchesSimpleExpression(pattern, topic, ignoreCase: false);
}
