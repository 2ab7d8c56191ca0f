using System.Text;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>
/// An ETag of what Kafka holds: <c>PROGRESS</c> or <c>PROGRESS/ETAG</c>, the latter with the record's own <c>etag</c> header
/// (reference §4.1). Written as Zilla does, without the quotes that RFC 9110 asks for; read with or without.
/// </summary>
internal sealed record EntityTag(KafkaProgress Progress, string Text)
{
    private const int MaxRecordTagLength = 1024;

    /// <summary>The first tag of If-None-Match that can be understood; null when there is none: as good as absent.</summary>
    public static EntityTag? OfCondition(HttpRequest request)
    {
        foreach (var candidate in request.Headers.GetCommaSeparatedValues("If-None-Match"))
        {
            var text = candidate.StartsWith("W/", StringComparison.Ordinal) ? candidate[2..] : candidate;
            text = text.Trim('"');
            if (TryParse(text) is { } progress)
            {
                return new EntityTag(progress, text);
            }
        }

        return null;
    }

    /// <summary>The progress of <c>PROGRESS[/ETAG]</c>, or null.</summary>
    public static KafkaProgress? TryParse(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        return KafkaProgress.TryParse(slash < 0 ? text : text[..slash], out var progress) ? progress : null;
    }

    public static string Format(ProgressVector position, in KafkaRecord record)
    {
        Span<byte> text = stackalloc byte[512];
        text = position.TextLength <= text.Length ? text : new byte[position.TextLength];
        var progress = Encoding.ASCII.GetString(text[..position.FormatUtf8(text)]);
        return OfRecord(record) is { Length: > 0 } tag ? $"{progress}/{tag}" : progress;
    }

    /// <summary>
    /// The record's own <c>etag</c> header; empty when there is none, or none that may stand in a header line: records are not ours.
    /// </summary>
    public static string OfRecord(in KafkaRecord record) =>
        record.TryGetHeader("etag"u8, out var header) && header.Value.Length <= MaxRecordTagLength && HeaderText.TryGet(header.Value.Span, out var text)
            ? text
            : "";
}
