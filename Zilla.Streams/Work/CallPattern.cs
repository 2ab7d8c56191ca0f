using System.IO.Enumeration;
using System.Text;
using Zilla.Streams.Kafka;

namespace Zilla.Streams.Work;

/// <summary>Which records of a topic are calls, and which calls (reference §2.10): what a condition of a kafka-grpc route says.</summary>
/// <param name="topic">Of Kafka.</param>
/// <param name="key">Null: any.</param>
/// <param name="headers">Names and values; all of these are among the record's.</param>
/// <param name="method"><c>package.Service/Method</c> with <c>*</c> wildcards; null: any.</param>
public sealed class CallPattern(string topic, string? key, IEnumerable<KeyValuePair<string, string>> headers, string? method)
{
    private readonly RecordHeader[] _headers = [.. headers.Select(header => new RecordHeader(Encoding.UTF8.GetBytes(header.Key), Encoding.UTF8.GetBytes(header.Value)))];

    public ReadOnlyMemory<byte>? Key { get; } = key is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(key);

    public IReadOnlyList<RecordHeader> Headers => _headers;

    /// <param name="from">The topic that the record is from.</param>
    /// <param name="record">The record.</param>
    /// <param name="target">What it calls: <c>package.Service/Method</c>.</param>
    public bool Matches(string from, in KafkaRecord record, string target)
    {
        if (topic != from || (Key is { } wanted && !(record.HasKey && record.Key.Span.SequenceEqual(wanted.Span))) || (method is not null && !FileSystemName.MatchesSimpleExpression(method, target, ignoreCase: false)))
        {
            return false;
        }

        var present = record.Headers;
        foreach (var header in _headers)
        {
            if (!present.Contains(header))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What a record calls: <c>package.Service/Method</c>; null: a header is missing, it is no call.</summary>
    public static string? TargetOf(in KafkaRecord record, ReadOnlySpan<byte> serviceHeader, ReadOnlySpan<byte> methodHeader) =>
        record.TryGetHeader(serviceHeader, out var service) && record.TryGetHeader(methodHeader, out var method) && service.Value.Length > 0 && method.Value.Length > 0
            ? $"{Encoding.UTF8.GetString(service.Value.Span)}/{Encoding.UTF8.GetString(method.Value.Span)}"
            : null;
}
