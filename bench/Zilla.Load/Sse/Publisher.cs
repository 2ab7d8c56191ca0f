using System.Diagnostics;
using Zilla.Load.Http;

namespace Zilla.Load.Sse;

/// <summary>Publishes events by HTTP, each with the time at which it was sent.</summary>
internal sealed class Publisher(Arguments arguments)
{
    private readonly Target _target = new(arguments.Text("publish"));
    private readonly string _method = arguments.Text("method", "PUT");
    private readonly string? _key = arguments.Find("key");
    private readonly int _length = arguments.Number("body", 256);
    private readonly int _connections = arguments.Number("publishers", 16);

    public async Task PublishAsync(int count)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(count, _connections)).Select(async _ =>
        {
            using var connection = await HttpConnection.OpenAsync(_target, CancellationToken.None);
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                byte[] request = [.. _target.Request(_method, _key ?? $"{i}", _length), .. Payload.Of(_length, Stopwatch.GetTimestamp())];
                if (await connection.SendAsync(request, CancellationToken.None) is var status and (< 200 or > 299))
                {
                    throw new IOException($"An event was answered with {status}.");
                }
            }
        }));
    }
}
