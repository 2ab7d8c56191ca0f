using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Tests.Fakes;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.HttpKafka.Correlated;

/// <summary>A gateway whose <c>/items</c> are correlated, and the service behind its topics, played by the test.</summary>
internal static class Correlation
{
    public const string Id = "zilla:correlation-id";

    /// <summary>What the gateway in tests takes where the client brings no key.</summary>
    public const string MadeUpKey = "00000000-0000-0000-0000-00000000002a";

    public static HttpKafkaBinding Binding { get; } = new()
    {
        Name = "rest",
        Routes =
        [
            Route([("PUT", "/items/{id}/async"), ("GET", "/items/{id}/async;cid={correlationId}")], new()
            {
                Topic = "requests",
                ReplyTo = "replies",
                Key = "${params.id}",
                Async = new Dictionary<string, string> { ["location"] = "/items/${params.id}/async;cid=${correlationId}", ["x-id"] = "${correlationId}" },
            }),
            Route([(null, "/items/named")], new() { Topic = "requests", ReplyTo = "replies", CorrelationIdHeader = "x-id" }),
            Route([(null, "/items/{id}/rename")], Command(new Dictionary<string, string> { ["zilla:identity"] = "test", ["zilla:command"] = "rename" })),
            Route([(null, "/items/{id}")], Command(new Dictionary<string, string> { ["zilla:identity"] = "test" })),
        ],
    };

    public static async Task<Gateway> StartAsync(TimeProvider? time = null, params (string Name, string Value)[] settings)
    {
        var gateway = await Gateway.StartAsync(time ?? TimeProvider.System, settings.ToDictionary(s => s.Name, s => (string?)s.Value), Binding);
        _ = (gateway.Requests(), gateway.Replies());
        return gateway;
    }

    public static FakeTopic Requests(this Gateway gateway) => gateway.Cache.Topic("requests");

    public static FakeTopic Replies(this Gateway gateway) => gateway.Cache.Topic("replies");

    /// <summary>Waits for the request of that number (from 0) to be in its topic.</summary>
    public static async Task<FakeRecord> RequestAsync(this Gateway gateway, int number = 0)
    {
        await Eventually.HoldsAsync(() => gateway.Requests().End(0) > number);
        return gateway.Requests().At(0, number)!;
    }

    public static void Reply(this Gateway gateway, FakeRecord request, string? value, params (string Name, string Value)[] headers) =>
        gateway.Replies().Append(0, request.KeyText, value, [.. headers, (Id, request.Header(Id)!)]);

    public static string? Header(this FakeRecord record, string name) => Headers(record).FirstOrDefault(h => h.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    public static IReadOnlyList<string> Headers(this FakeRecord record) =>
        [.. record.Headers.Select(h => $"{Encoding.UTF8.GetString(h.Name.Span)}={Encoding.UTF8.GetString(h.Value.Span)}")];

    public static HttpRequestMessage Request(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    private static HttpKafkaProduce Command(Dictionary<string, string> overrides) =>
        new() { Topic = "requests", ReplyTo = "replies", Key = "${params.id}", Acks = KafkaAcks.LeaderOnly, Overrides = overrides };

    private static HttpKafkaRoute Route(IEnumerable<(string? Method, string Path)> when, HttpKafkaProduce produce) =>
        new() { Exit = "cache", When = [.. when.Select(w => new HttpKafkaCondition { Method = w.Method, Path = w.Path })], Produce = produce };
}
