using System.Globalization;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Topics;

/// <summary>
/// The file of <c>--topics</c>: topics to create at start where they do not exist yet, as an administrator would create them on a real cluster.
/// <code>
/// # name            settings
/// items-snapshots   partitions=1 cleanup.policy=compact
/// </code>
/// </summary>
internal static class TopicList
{
    private const string Partitions = "partitions";

    /// <exception cref="InvalidDataException">A line makes no sense; the message names file, line and reason.</exception>
    public static void Create(string path, TopicStore topics, int defaultPartitions)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && Problem(words, topics, defaultPartitions) is { } problem)
            {
                throw new InvalidDataException($"{path}:{number}: {problem}");
            }
        }
    }

    private static string? Problem(string[] words, TopicStore topics, int defaultPartitions)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words.Skip(1))
        {
            if (word.Split('=', 2) is not [var key, var value])
            {
                return $"'{word}' is not of the form setting=value";
            }

            settings[key] = value;
        }

        var partitions = defaultPartitions;
        if (settings.Remove(Partitions, out var count) && !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out partitions))
        {
            return $"'{count}' is no number of partitions";
        }

        var result = topics.Create(words[0], partitions, settings);
        return result.Error is ErrorCode.None or ErrorCode.TopicAlreadyExists ? null : result.Message;
    }
}
