using System.Collections.Concurrent;
using System.Text;
using Zilla.Edge.Cache;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Tests.Cache;

/// <summary>Reads a subscription to its end in the background and keeps what it got; can be held up.</summary>
internal sealed class Follower : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Subscription _subscription;
    private readonly Task _reading;
    private volatile TaskCompletionSource? _hold;

    public Follower(Subscription subscription)
    {
        _subscription = subscription;
        _reading = Task.Run(ReadAsync);
    }

    public ConcurrentQueue<(int Partition, long Offset, string? Key, string? Value)> Got { get; } = new();

    public Task Ended => _reading;

    public static async Task<Follower> StartAsync(CacheClient client, TopicName topic, KafkaProgress? from = null, params RecordFilter[] filters) =>
        new(await client.SubscribeAsync(topic, from ?? KafkaProgress.Empty, filters, CancellationToken.None));

    public static RecordFilter Key(string key) => new(Encoding.UTF8.GetBytes(key), []);

    public static RecordFilter Header(string name, string value) => new(null, [new(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value))]);

    public void Hold() => _hold ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Continue() => Interlocked.Exchange(ref _hold, null)?.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Continue();
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _subscription.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            await _subscription.WaitToReadAsync(_stop.Token);
            while (_subscription.TryRead(out var record))
            {
                Got.Enqueue((record.Partition, record.Offset, record.HasKey ? Encoding.UTF8.GetString(record.Key.Span) : null,
                    record.IsTombstone ? null : Encoding.UTF8.GetString(record.Value.Span)));
                await (_hold?.Task ?? Task.CompletedTask);
            }
        }
    }
}
