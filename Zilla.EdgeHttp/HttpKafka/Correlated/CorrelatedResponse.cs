using System.Buffers;
using System.Globalization;
using System.Text;
using Zilla.Edge.Http;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.HttpKafka.Correlated;

/// <summary>
/// A record of the reply topic as an HTTP response (reference §4.1): <c>:status</c> (200 when absent), its other headers but the correlation id,
/// its value.
/// </summary>
internal static class CorrelatedResponse
{
    /// <summary>What a token consists of (RFC 9110 §5.6.2): a header whose name is none cannot be sent.</summary>
    private static readonly SearchValues<byte> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>For the http server to say, where it has a policy: two answers of one name are none to a browser, and the service's could allow more.</summary>
    private const string CrossOrigin = "access-control-";

    /// <summary>For the server to say: how long the body is and what becomes of the connection.</summary>
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-length", "connection", "keep-alive", "proxy-connection", "trailer", "transfer-encoding", "upgrade",
    };

    public static async Task WriteAsync(Exchange exchange, KafkaRecord record, ReadOnlyMemory<byte> correlationIdHeader)
    {
        if (Status(record) is not { } status)
        {
            await exchange.RejectAsync(StatusCodes.Status502BadGateway, "The service's response has no valid :status.");
            return;
        }

        var response = exchange.Response;
        response.StatusCode = status;
        foreach (var header in record.Headers)
        {
            if (!header.Name.Span.SequenceEqual(correlationIdHeader.Span) && TryGet(header, out var name, out var value)
                && !(exchange.HasCrossOriginPolicy && name.StartsWith(CrossOrigin, StringComparison.OrdinalIgnoreCase)))
            {
                response.Headers.Append(name, value);
            }
        }

        if (status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentLength = record.Value.Length;
        await response.Body.WriteAsync(record.Value, exchange.Aborted);
    }

    /// <summary>Null: what it says is no status of a final response.</summary>
    private static int? Status(in KafkaRecord record) =>
        !record.TryGetHeader(":status"u8, out var header) ? StatusCodes.Status200OK
        : int.TryParse(header.Value.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 200 and <= 599 ? status
        : null;

    private static bool TryGet(in RecordHeader header, out string name, out string value)
    {
        (name, value) = ("", "");
        if (header.Name.IsEmpty || header.Name.Span.ContainsAnyExcept(Token) || !HeaderText.TryGet(header.Value.Span, out value))
        {
            return false;
        }

        name = Encoding.ASCII.GetString(header.Name.Span);
        return !Kept.Contains(name);
    }
}
