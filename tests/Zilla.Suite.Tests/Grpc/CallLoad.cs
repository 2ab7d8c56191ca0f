using System.Diagnostics;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>Calls by grpc-js that go on while processes come and go, each repeated with its idempotency key until it is OK; the service of kafkajs that honours the keys; and the proof.</summary>
internal sealed class CallLoad : IAsyncDisposable
{
    private const int Step = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly GrpcSuite _suite;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private ChildProcess _service = null!;
    private ChildProcess _client = null!;

    private CallLoad(GrpcSuite suite) => _suite = suite;

    private IEnumerable<string> Answered => _client.Lines.Where(line => line.StartsWith("OK ", StringComparison.Ordinal)).Select(line => line[3..]);

    public static async Task<CallLoad> StartAsync(GrpcSuite suite)
    {
        var load = new CallLoad(suite);
        await load.StartServiceAsync();
        load._client = await NodeClients.StartAsync("grpc-load.mjs", suite.Address, load._run);
        await load.GoesOnAsync("the start");
        return load;
    }

    /// <summary>Calls are answered.</summary>
    public async Task GoesOnAsync(string after)
    {
        var goal = Answered.Count() + Step;
        var began = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(
            () => Answered.Count() >= goal ? true : Stopwatch.GetElapsedTime(began) < Patience ? false : throw new TimeoutException($"No calls are answered after {after}\n{Story}"), Patience * 2);
    }

    public async Task KillServiceAsync()
    {
        _service.Signal(9);
        await _service.WaitForExitAsync(Patience);
        await _service.DisposeAsync();
    }

    public async Task StartServiceAsync()
    {
        _service = await NodeClients.StartAsync("grpc-effects.mjs", _suite.Broker.BootstrapServers, _suite.EffectRequests, _suite.Effects);
        await _service.WaitForLineAsync("ready", Patience);
    }

    /// <summary>Ends the calls. Each try has ended in order, each call has its effect, and each effect is there once.</summary>
    public async Task VerifyAsync()
    {
        _client.Signal(15);
        Assert.True(await _client.WaitForExitAsync(Patience) == 0, Story);
        await _suite.EndedAsync();
        Assert.Contains(_client.Lines, line => line.StartsWith("UNAVAILABLE ", StringComparison.Ordinal));
        Assert.All(_client.Lines, line => Assert.True(line.StartsWith("OK ", StringComparison.Ordinal) || line.StartsWith("UNAVAILABLE ", StringComparison.Ordinal), line));

        var effects = _suite.Broker.ReadCommitted(_suite.Effects).Where(record => record.Message.Key is { Length: > 5 })
            .Select(record => Effect.Parser.ParseFrom(record.Message.Value!).Name).Where(name => name.StartsWith(_run, StringComparison.Ordinal)).ToList();
        Assert.Equal(Answered.Order(StringComparer.Ordinal), effects.Order(StringComparer.Ordinal));
        Assert.Equal(effects.Count, effects.Distinct(StringComparer.Ordinal).Count());
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _service.DisposeAsync();
    }

    private string Story => $"{string.Join('\n', _client.Lines.TakeLast(20))}\n--- the service\n{_service.Output}\n{_suite.Output}";
}
