using System.Buffers;

namespace Zilla.DevKafka.Topics;

/// <summary>What a topic may be called (Apache Kafka's rule): such a name is also safe as the name of a folder.</summary>
internal static class TopicName
{
    private const int MaximumLength = 249;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static bool IsValid(string? name) =>
        name is { Length: > 0 and <= MaximumLength } and not "." and not ".." && !name.AsSpan().ContainsAnyExcept(Allowed);
}
