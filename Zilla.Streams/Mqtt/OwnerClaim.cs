using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Zilla.Streams.Mqtt;

/// <summary>
/// A record of the owners topic: who owns a partition. Key: the partition's number in decimal digits. Value: UTF-8 JSON,
/// <c>{"version":1,"instance":"kafka-cache-0","partitions":12}</c>. Its offset is the owner's epoch.
/// </summary>
/// <param name="Partition">Of the sessions topic.</param>
/// <param name="Instance">Name of the owning process, as it says HELLO; at most <see cref="LongestInstance"/> characters.</param>
/// <param name="Partitions">How many partitions keys are spread over.</param>
public sealed record OwnerClaim(int Partition, string Instance, int Partitions)
{
    /// <summary>Higher ones add members only, or take another topic.</summary>
    public const int Version = 1;

    /// <summary>In characters.</summary>
    public const int LongestInstance = 255;

    /// <summary>Kafka's own limits leave more; none would be of use.</summary>
    public const int MostPartitions = 1 << 16;

    private const int LongestValue = 4096;

    public byte[] EncodeKey() => Encoding.ASCII.GetBytes(Partition.ToString(CultureInfo.InvariantCulture));

    public byte[] EncodeValue()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("instance", Instance);
            json.WriteNumber("partitions", Partitions);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Null: it is no claim, or one of a version that is not known.</summary>
    public static OwnerClaim? Decode(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value)
    {
        if (!Utf8Parser.TryParse(key, out int partition, out var read) || read != key.Length || partition < 0 || value.Length > LongestValue)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(value);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var known) && known == Version
                && root.TryGetProperty("instance", out var instance) && instance.ValueKind == JsonValueKind.String && instance.GetString() is { Length: > 0 and <= LongestInstance } name
                && root.TryGetProperty("partitions", out var count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var partitions)
                && partitions > partition && partitions <= MostPartitions
                ? new(partition, name, partitions)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
