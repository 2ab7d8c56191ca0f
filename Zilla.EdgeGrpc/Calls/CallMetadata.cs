using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Primitives;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>Metadata in HTTP headers and back.</summary>
internal static class CallMetadata
{
    /// <summary>Headers that belong to the call itself or to HTTP, not to the application.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-type", "content-length", "te", "user-agent", "host", "accept", "accept-encoding", "connection", "keep-alive", "transfer-encoding", "upgrade", "trailer",
        "traceparent", "tracestate", "x-grpc-web", "x-user-agent", "origin", "referer", "proxy-connection", "proxy-authorization", "http2-settings", "expect",
    };

    /// <summary>Of responses besides: what the gateway says itself.</summary>
    private static readonly HashSet<string> ReservedInResponses = new(StringComparer.OrdinalIgnoreCase) { "date", "server", "via", "alt-svc" };

    /// <summary>How the HTTP libraries here have made text of the bytes that came. They are to become the same bytes again: what is not ASCII is not gRPC's, but may be told apart all the same.</summary>
    private static readonly Encoding OfRequests = Encoding.UTF8, OfServices = Encoding.Latin1;

    /// <summary>In the order of the headers.</summary>
    /// <exception cref="CallException">Of a name in <c>-bin</c>, what is not Base64: the call would be made without it.</exception>
    public static IReadOnlyList<Metadatum> Of(HttpRequest request)
    {
        List<Metadatum>? metadata = null;
        foreach (var (header, texts) in request.Headers)
        {
            if (Reserved.Contains(header))
            {
                continue;
            }

            var name = header.ToLowerInvariant();
            if (!MetadataValue.IsName(name))
            {
                continue;
            }

            if (!TryValues(name, texts, OfRequests, out var values))
            {
                throw new CallException(StatusCode.InvalidArgument, $"The metadata {name} are not Base64.");
            }

            foreach (var value in values)
            {
                (metadata ??= []).Add(new(name, value));
            }
        }

        return metadata ?? (IReadOnlyList<Metadatum>)[];
    }

    /// <summary>Of a response of a service, be they headers or trailers. What is not Base64 where it has to be is left out.</summary>
    public static List<Metadatum> Of(HttpHeaders headers)
    {
        var metadata = new List<Metadatum>();
        foreach (var (header, texts) in headers.NonValidated)
        {
            var name = header.ToLowerInvariant();
            if (!Reserved.Contains(name) && !ReservedInResponses.Contains(name) && !name.StartsWith("access-control-", StringComparison.Ordinal) && MetadataValue.IsName(name))
            {
                _ = TryValues(name, texts.ToArray(), OfServices, out var values);
                metadata.AddRange(values.Select(value => new Metadatum(name, value)));
            }
        }

        return metadata;
    }

    /// <summary>Whether the call has it, with that value among others.</summary>
    public static bool Has(HttpRequest request, string name, ReadOnlySpan<byte> value)
    {
        _ = TryValues(name, request.Headers[name], OfRequests, out var values);
        foreach (var one in values)
        {
            if (one.AsSpan().SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The name is that of a header which is HTTP's, or the gateway's to say: it is no metadata of an application, and is left out.</summary>
    public static bool IsReserved(string name) => Reserved.Contains(name);

    /// <summary>False: HTTP cannot carry it.</summary>
    public static bool TryText(in Metadatum metadatum, out string text)
    {
        var binary = MetadataValue.IsBinary(metadatum.Name);
        var carried = MetadataValue.IsName(metadatum.Name) && !IsReserved(metadatum.Name) && (binary || MetadataValue.IsText(metadatum.Value.Span));
        text = !carried ? "" : binary ? MetadataValue.Encode(metadatum.Value.Span) : Encoding.ASCII.GetString(metadatum.Value.Span);
        return carried;
    }

    /// <summary>False: not all of them are Base64, where they have to be; those that are, are there.</summary>
    private static bool TryValues(string name, StringValues texts, Encoding encoding, out List<byte[]> values)
    {
        var areSound = true;
        values = [];
        foreach (var text in texts)
        {
            if (text is not null && !MetadataValue.IsBinary(name))
            {
                values.Add(encoding.GetBytes(text));
            }
            else if (text is not null)
            {
                areSound &= MetadataValue.TryDecode(text, values);
            }
        }

        return areSound;
    }
}
