using System.Text.Json;
using Zilla.DevKafka.Log;

namespace Zilla.DevKafka.Producers;

/// <summary>
/// The producer table of a partition up to an offset, written before records that it was built from may go (retention, compaction).
/// At open it is loaded first and the log's batches from <paramref name="NextOffset"/> on are applied over it.
/// </summary>
internal sealed record ProducerSnapshot(long NextOffset, IReadOnlyList<ProducerEntry> Producers)
{
    private const string FileName = "producers.json";

    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this));

    public static ProducerSnapshot? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<ProducerSnapshot>(File.ReadAllBytes(Path.Combine(folder, FileName)));
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return null;
        }
    }
}
