using Zilla.Config.Bindings;

namespace Zilla.EdgeHttp.Tests;

/// <summary>Bindings as those of the quickstart example, with a topic named items.</summary>
internal static class Quickstart
{
    public static IReadOnlyList<BindingConfig> Bindings { get; } =
    [
        new TcpServerBinding { Name = "tcp", Ports = [], Exit = "http" },
        new HttpServerBinding
        {
            Name = "http",
            CrossOrigin = new CrossOriginPolicy(),
            Routes =
            [
                new HttpRoute { Exit = "sse", When = [Path("/events"), Path("/events/*"), Path("/keyed")] },
                new HttpRoute { Exit = "rest", When = [Path("/items"), Path("/items/*"), Path("/topics/*")] },
                new HttpRoute { Exit = "files", When = [Path("/"), Path("/files/*")] },
            ],
        },
        new HttpKafkaBinding
        {
            Name = "rest",
            Routes =
            [
                Produce("POST", "/items", new() { Topic = "items", Key = "${idempotencyKey}", Overrides = new Dictionary<string, string> { ["zilla:by"] = "test-${idempotencyKey}" } }),
                Produce("PUT", "/items/{id}", new() { Topic = "items", Key = "${params.id}" }),
                Produce("DELETE", "/items/{id}", new() { Topic = "items", Key = "${params.id}", Acks = KafkaAcks.LeaderOnly }),
                Produce("POST", "/topics/{topic}", new() { Topic = "${params.topic}" }),
                Fetch("/items", new() { Topic = "items", Merge = true }),
                Fetch("/items/{id}", new() { Topic = "items", Filters = [new KafkaFilterConfig { Key = "${params.id}" }] }),
            ],
        },
        new SseServerBinding { Name = "sse", Exit = "sse-kafka", Retry = TimeSpan.FromMilliseconds(2500) },
        new SseKafkaBinding
        {
            Name = "sse-kafka",
            Routes =
            [
                new SseKafkaRoute { Exit = "cache", Paths = ["/events"], Topic = "items" },
                new SseKafkaRoute { Exit = "cache", Paths = ["/events/{id}"], Topic = "items", Filters = [new KafkaFilterConfig { Key = "${params.id}" }] },
                new SseKafkaRoute { Exit = "cache", Paths = ["/keyed"], Topic = "items", EventIdWithKey = true },
            ],
        },
        new HttpFilesystemBinding { Name = "files", Routes = [new HttpFilesystemRoute { Exit = "folder", When = [new() { Path = "/" }], Path = "index.html" }] },
        new FilesystemBinding { Name = "folder", Location = AppContext.BaseDirectory },
        new KafkaCacheClientBinding { Name = "cache", Exit = "server" },
    ];

    private static HttpCondition Path(string pattern) => new() { Headers = new Dictionary<string, string> { [":path"] = pattern } };

    private static HttpKafkaRoute Produce(string method, string path, HttpKafkaProduce produce) =>
        new() { Exit = "cache", When = [new HttpKafkaCondition { Method = method, Path = path }], Produce = produce };

    private static HttpKafkaRoute Fetch(string path, HttpKafkaFetch fetch) =>
        new() { Exit = "cache", When = [new HttpKafkaCondition { Method = "GET", Path = path }], Fetch = fetch };
}
