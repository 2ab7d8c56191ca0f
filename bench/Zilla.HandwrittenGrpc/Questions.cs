using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;

namespace Zilla.HandwrittenGrpc;

/// <summary>Requests that wait for their answer from the other topic.</summary>
internal sealed class Questions
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> _waiting = new();
    private readonly Kafka _kafka;

    public Questions(Kafka kafka)
    {
        _kafka = kafka;
        kafka.Read("hand-replies", Offset.End, answer =>
        {
            if (Kafka.Text(answer.Headers, "correlation-id") is { } id && _waiting.TryRemove(id, out var question))
            {
                question.TrySetResult(answer.Value ?? []);
            }
        });
    }

    public async Task<byte[]> AskAsync(byte[] question, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            var name = Encoding.UTF8.GetBytes(id);
            await _kafka.Producer.ProduceAsync(
                "hand-requests", new() { Key = name, Value = question, Headers = new() { { "correlation-id", name }, { "reply-to", "hand-replies"u8.ToArray() } } }, cancellationToken);
            return await answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }
}
