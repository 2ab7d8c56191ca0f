using System.Text;
using Zilla.EdgeHttp.HttpKafka.Correlated;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.Tests.HttpKafka.Correlated;

/// <summary>The two sides of two exchanges of Zilla's own, so that a repetition finds the response whichever of them took the first try.</summary>
public sealed class DigestTests
{
    private const string Item = "92d0bf92-63e0-4cfc-ae73-71dee92d1544";

    [Fact]
    public void Digest_OfAPostWithBody_IsZillas() => Assert.Equal(
        "5d1dfda51f846bbd53ed6c92e633912b",
        Of("""{ "name": "widget" }""", (":method", "POST"), (":scheme", "https"), (":authority", "example.com:9090"), (":path", $"/items/{Item}/rename"),
            ("content-type", "application/json"), ("idempotency-key", "59410e57-3e0f-4b61-9328-f645a7968ac8"),
            ("zilla:reply-to", "items-replies"), ("zilla:identity", "test"), ("zilla:command", "rename")));

    [Fact]
    public void Digest_OfADelete_IsZillas() => Assert.Equal(
        "040487c782b6bfee62fcbd96a008bd4c",
        Of("", (":method", "DELETE"), (":scheme", "https"), (":authority", "example.com:9090"), (":path", $"/items/{Item}"),
            ("idempotency-key", "7101a8ea-5745-43c8-8d0c-b2f9baba7004"), ("zilla:reply-to", "items-replies"), ("zilla:identity", "test")));

    private static string Of(string body, params (string Name, string Value)[] headers) => CorrelatedRequest.Digest(
        Encoding.UTF8.GetBytes(Item),
        [.. headers.Select(h => (new RecordHeader(Encoding.UTF8.GetBytes(h.Name), Encoding.UTF8.GetBytes(h.Value)), true))],
        Encoding.UTF8.GetBytes(body));
}
