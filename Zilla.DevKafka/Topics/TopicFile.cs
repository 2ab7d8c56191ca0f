using System.Text.Json;
using Zilla.DevKafka.Log;

namespace Zilla.DevKafka.Topics;

/// <summary><c>topic.json</c> in a topic's folder: the topic exists when this file does.</summary>
internal sealed record TopicFile(Guid Id, int Partitions, Dictionary<string, string> Config)
{
    private const string FileName = "topic.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static TopicFile? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? JsonSerializer.Deserialize<TopicFile>(File.ReadAllBytes(path)) : null;
    }

    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Indented));
}
