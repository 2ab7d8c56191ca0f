using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.Reflection;
using Zilla.Edge.Routing;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>
/// What the records of a call have from its method and its route (reference §4.4): the headers before the correlation id, and the hash of what they say. The same for all calls of the method, unless the route has expressions.
/// </summary>
internal sealed class CallIdentity
{
    private readonly ArrayBufferWriter<byte> _headers = new();

    public CallIdentity(ProduceRoute route, MethodDescriptor method, string? replyTo, PathParameters parameters, string idempotencyKey)
    {
        RecordHeader[] overrides = [.. route.Overrides.Select(o => new RecordHeader(o.Name, o.Value.RenderUtf8(parameters, idempotencyKey)))];
        List<RecordHeader> own = [HeaderOf(route.Correlation.Service, method.Service.FullName), HeaderOf(route.Correlation.Method, method.Name)];
        if (replyTo is not null)
        {
            own.Add(HeaderOf(route.Correlation.ReplyTo, replyTo));
        }

        foreach (var header in overrides.Concat(own))
        {
            KafkaRecordCodec.WriteHeader(header, _headers);
        }

        Hash = HashOf(own, overrides);
    }

    /// <summary>Overrides, service, method, reply-to, encoded.</summary>
    public ReadOnlySpan<byte> Headers => _headers.WrittenSpan;

    /// <summary>Lower case hexadecimal.</summary>
    public string Hash { get; }

    /// <remarks>MD5 because Zilla's is; it names, it does not protect.</remarks>
    private static string HashOf(List<RecordHeader> own, RecordHeader[] overrides)
    {
        var identity = new ArrayBufferWriter<byte>();
        foreach (var header in own)
        {
            identity.Write(header.Name.Span);
            identity.Write(header.Value.Span);
        }

        foreach (var header in overrides)
        {
            identity.Write(header.Value.Span);
        }

        return Convert.ToHexStringLower(MD5.HashData(identity.WrittenSpan));
    }

    private static RecordHeader HeaderOf(string name, string value) => new(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
}
