using System.Buffers;
using System.Text.Json;
using Zilla.EdgeHttp.HttpKafka;
using Zilla.EdgeHttp.Sse;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.SseKafka;

/// <summary>
/// An event's id holds the position behind it (reference §4.2), in one of two forms; both are read in all their spellings whichever is written:
/// <code>
/// ${etag}                           PROGRESS              PROGRESS/ETAG
/// ["${base64(key)}","${etag}"]      ["KEY","PROGRESS"]    ["KEY","PROGRESS/ETAG"]    (a null key: null)
/// </code>
/// </summary>
internal static class EventId
{
    /// <summary>Writes the <c>id:</c> line.</summary>
    public static void Write(IBufferWriter<byte> output, ProgressVector position, in KafkaRecord record, bool withKey)
    {
        output.Write("id:"u8);
        if (withKey)
        {
            WriteKey(output, record);
        }

        var span = output.GetSpan(position.TextLength);
        output.Advance(position.FormatUtf8(span));
        WriteTag(output, EntityTag.OfRecord(record), withKey);
        output.Write(withKey ? "\"]\n"u8 : "\n"u8);
    }

    /// <summary>The progress in an id that a client came back with; null: it cannot be understood, so start from the beginning.</summary>
    public static KafkaProgress? TryParse(string id)
    {
        if (!id.StartsWith('['))
        {
            return EntityTag.TryParse(id);
        }

        try
        {
            return JsonSerializer.Deserialize<string?[]>(id) is [_, { } etag] ? EntityTag.TryParse(etag) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WriteKey(IBufferWriter<byte> output, in KafkaRecord record)
    {
        if (!record.HasKey)
        {
            output.Write("[null,\""u8);
            return;
        }

        output.Write("[\""u8);
        SseWriter.Base64Padded(output, record.Key.Span);
        output.Write("\",\""u8);
    }

    private static void WriteTag(IBufferWriter<byte> output, string tag, bool inJson)
    {
        if (tag.Length == 0)
        {
            return;
        }

        output.Write("/"u8);
        foreach (var c in tag)
        {
            // A record's tag is printable ASCII, see EntityTag: quotes and backslashes are all that JSON minds.
            if (inJson && c is ('"' or '\\'))
            {
                output.Write("\\"u8);
            }

            output.Write([(byte)c]);
        }
    }
}
