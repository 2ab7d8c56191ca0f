using System.Text;
using Google.Protobuf;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeGrpc.Tests.KafkaGrpc;

/// <summary>Records of calls and of their answers.</summary>
internal static class CallRecord
{
    /// <summary>A message of a call; null: its end.</summary>
    public static FakeRecord Of(string id, string method, Everything? message, params (string Name, string Value)[] metadata)
    {
        (string Name, string Value)[] headers = [("zilla:service", "zilla.tests.Things"), ("zilla:method", method), ("zilla:reply-to", "replies"), ("zilla:correlation-id", id), .. metadata];
        return new(0, 0, Encoding.UTF8.GetBytes("key of " + id), message?.ToByteArray(), [.. headers.Select(header => new RecordHeader(Encoding.UTF8.GetBytes(header.Name), Encoding.UTF8.GetBytes(header.Value)))]);
    }

    /// <summary>Messages and the end behind them.</summary>
    public static FakeRecord[] Whole(string id, string method, params Everything[] messages) => [.. messages.Append(null).Select(message => Of(id, method, message))];

    /// <summary>Every byte of it: <c>KEY NAME=VALUE… : HEX</c>, or <c>: null</c>; keys and headers as Latin-1, what does not print as <c>\xx</c>.</summary>
    public static string Show(FakeRecord record) =>
        $"{Text(record.Key)} {string.Join(' ', record.Headers.Select(header => $"{Text(header.Name.ToArray())}={Text(header.Value.ToArray())}"))} : {(record.Value is null ? "null" : Convert.ToHexString(record.Value))}";

    private static string Text(byte[]? bytes) => bytes is null ? "null" : string.Concat(bytes.Select(b => b is > 0x1F and < 0x7F ? $"{(char)b}" : $"\\{b:X2}"));
}
