using Confluent.Kafka;

namespace Zilla.HandwrittenGrpc;

/// <summary>
/// The service that reads a topic and writes another one: gives back what it gets. To the gateway as grpc-kafka wants it (docs/grpc.md): each message with its correlation id, then the null value with the status; to
/// the handwritten program one answer to each question.
/// </summary>
internal static class Answering
{
    public static void Run(string servers, string requests)
    {
        using var kafka = new Kafka(servers);
        kafka.Read(requests, Offset.End, request =>
        {
            var headers = new Headers();
            var ours = request.Headers.TryGetLastBytes("zilla:correlation-id", out var id);
            if (!ours && !request.Headers.TryGetLastBytes("correlation-id", out id))
            {
                return;
            }

            headers.Add(ours ? "zilla:correlation-id" : "correlation-id", id);
            if (request.Value is null)
            {
                headers.Add("zilla:status", "0"u8.ToArray());
            }

            kafka.Producer.Produce(Kafka.Text(request.Headers, ours ? "zilla:reply-to" : "reply-to"), new() { Key = request.Key, Value = request.Value, Headers = headers });
        });
        Console.WriteLine("ready");
        Thread.Sleep(Timeout.Infinite);
    }
}
