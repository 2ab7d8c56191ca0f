// What somebody would write instead of running Zilla.Aspire: the peer of the figures "produce" and "fetch".
// Usage: Zilla.Handwritten <port> <bootstrap servers> <topic>
using System.Collections.Concurrent;
using Confluent.Kafka;

var (port, servers, topic) = args is [var p, var s, var t] ? (p, s, t) : throw new ArgumentException("<port> <bootstrap servers> <topic>");

// The services' own setting: 1 ms, where the client's default is 5.
using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = servers, Acks = Acks.All, EnableIdempotence = true, LingerMs = 1 }).Build();
var latest = new ConcurrentDictionary<string, byte[]>();
using var stopping = new CancellationTokenSource();
var reader = Task.Factory.StartNew(() => Read(servers, topic, latest, stopping.Token), TaskCreationOptions.LongRunning);

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
var app = builder.Build();

async Task<IResult> Write(string id, HttpRequest request)
{
    using var body = new MemoryStream((int)(request.ContentLength ?? 0));
    await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
    await producer.ProduceAsync(topic, new Message<string, byte[]> { Key = id, Value = body.ToArray() });
    return Results.NoContent();
}

app.MapPost("/items/{id}", Write);
app.MapPut("/items/{id}", Write);
app.MapGet("/items/{id}", (string id) => latest.TryGetValue(id, out var value) ? Results.Bytes(value, "application/json") : Results.NotFound());
await app.RunAsync();
await stopping.CancelAsync();
await reader;

static void Read(string servers, string topic, ConcurrentDictionary<string, byte[]> latest, CancellationToken stopping)
{
    var config = new ConsumerConfig { BootstrapServers = servers, GroupId = $"handwritten-{Guid.NewGuid()}", AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false };
    using var consumer = new ConsumerBuilder<string, byte[]?>(config).Build();
    consumer.Subscribe(topic);
    try
    {
        while (true)
        {
            var message = consumer.Consume(stopping).Message;
            if (message.Value is { } value)
            {
                latest[message.Key] = value;
            }
            else
            {
                latest.TryRemove(message.Key, out _);
            }
        }
    }
    catch (OperationCanceledException)
    {
        consumer.Close();
    }
}
