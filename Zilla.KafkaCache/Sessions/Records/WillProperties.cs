using System.Buffers.Binary;
using System.Text;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>Makes the reference's record of a will from what the client said in MQTT's words.</summary>
/// <remarks>
/// Properties of MQTT 5 (§2.2.2.2), without the length before them:
/// <code>
/// 01 format:1 │ 02 expiry:4 │ 03 content type │ 08 response topic │ 09 correlation data │ 18 delay:4 │ 26 name value       each text and binary: length:2, big-endian
/// </code>
/// </remarks>
internal static class WillProperties
{
    /// <summary>What is no property ends the properties: the edge has checked them, and nothing but this record depends on them.</summary>
    public static WillMessageRecord ToRecord(MqttWill will, string lifetimeId, string willId)
    {
        var record = new WillMessageRecord
        {
            Topic = will.Topic,
            Delay = (int)Math.Min(will.Delay, int.MaxValue),
            QoS = (byte)Math.Min(will.Qos, 2),
            Retain = will.Retain,
            LifetimeId = lifetimeId,
            WillId = willId,
            Payload = will.Record?.Value.ToByteArray() ?? [],
        };
        List<KeyValuePair<string, string?>> user = [];
        var rest = will.Properties.Span;
        while (!rest.IsEmpty)
        {
            var id = rest[0];
            rest = rest[1..];
            switch (id)
            {
                case 0x01 when rest.Length >= 1:
                    record = record with { Format = rest[0] == 1 ? WillFormat.Text : WillFormat.Binary };
                    rest = rest[1..];
                    break;
                case 0x02 when rest.Length >= 4:
                    record = record with { Expiry = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(rest), int.MaxValue) };
                    rest = rest[4..];
                    break;
                case 0x18 when rest.Length >= 4:
                    rest = rest[4..];
                    break;
                case 0x03 when TryTake(ref rest, out var contentType):
                    record = record with { ContentType = Encoding.UTF8.GetString(contentType) };
                    break;
                case 0x08 when TryTake(ref rest, out var responseTopic):
                    record = record with { ResponseTopic = Encoding.UTF8.GetString(responseTopic) };
                    break;
                case 0x09 when TryTake(ref rest, out var correlation):
                    record = record with { Correlation = correlation.ToArray() };
                    break;
                case 0x26 when TryTake(ref rest, out var name) && TryTake(ref rest, out var value):
                    user.Add(new(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
                    break;
                default:
                    rest = default;
                    break;
            }
        }

        return record with { Properties = user };
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> taken)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out var length) || rest.Length - 2 < length)
        {
            taken = default;
            return false;
        }

        taken = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return true;
    }
}
