using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Zilla.Config.Bindings;
using Zilla.Edge.Cache;
using Zilla.Edge.Listeners;
using Zilla.Edge.Tests.Fakes;
using Zilla.Edge.Tls;
using Zilla.EdgeGrpc.KafkaGrpc;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Upstream;

namespace Zilla.EdgeGrpc.Tests.KafkaGrpc;

/// <summary>What of an edge makes calls from topics: one work link, between a replica and a service on a loopback port.</summary>
internal sealed class CallMaker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CacheClient _client;
    private readonly Task _running;

    /// <param name="cache">The replica.</param>
    /// <param name="service">Port of the service.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="log">Its log; null: none.</param>
    /// <param name="calls">That may be under way.</param>
    /// <param name="options">Of the way to the topics.</param>
    /// <param name="idle">How long the service may be quiet; null: as it is by default.</param>
    /// <param name="ofService">The clock by which it is looked how long it takes; null: the same.</param>
    public CallMaker(FakeCache cache, int service, TimeProvider? time = null, ILogger? log = null, int calls = 128, CacheOptions? options = null, TimeSpan? idle = null, TimeProvider? ofService = null)
    {
        // Lanes of a fake are back at once; only where a test has the clock does the pause matter.
        _client = Caches.Client(options ?? (time is null ? null : new CacheOptions()), time, cache);
        var tls = new TlsState(Options.Create(new ListenerOptions()), TimeProvider.System, NullLogger<TlsState>.Instance);
        var channel = new UpstreamChannel(new UpstreamTarget("127.0.0.1", service, $"127.0.0.1:{service}", null, 1 << 20), tls, new UpstreamOptions(), new MessageBudget(1 << 30));
        var binding = new KafkaGrpcBinding { Name = "calls", Entry = "cache", Routes = [new() { Exit = "client", When = [new() { Topic = "requests", ReplyTo = "replies" }] }] };
        var model = new KafkaGrpcModel(binding, "cluster", "zilla:tests-calls", _ => [new ServiceRoute(["zilla.tests.*"], channel)]);
        var link = new WorkLink(cache, model, _client, Work(calls, idle), ofService ?? time ?? TimeProvider.System, log ?? NullLogger.Instance);
        _running = Task.Run(() => link.RunAsync(_stop.Token));
    }

    private static KafkaGrpcOptions Work(int calls, TimeSpan? idle)
    {
        var options = new KafkaGrpcOptions { Calls = calls };
        options.IdleTimeout = idle ?? options.IdleTimeout;
        return options;
    }

    /// <summary>Completes when it has let go of its calls.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        _stop.Dispose();
    }
}
