using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc.Faults;

/// <summary>Calls by grpc-js that go on while the service behind <c>kafka-grpc</c> is killed, a node process that honours idempotency keys and keeps its effects in a file; and the proof.</summary>
internal sealed class KeyedLoad : IAsyncDisposable
{
    private const int Step = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly CallsSuite _suite;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly string _effects = Path.GetTempFileName();
    private readonly List<ChildProcess> _services = [];
    private ChildProcess _client = null!;

    private KeyedLoad(CallsSuite suite) => _suite = suite;

    public static async Task<KeyedLoad> StartAsync(CallsSuite suite)
    {
        var load = new KeyedLoad(suite);
        await load.StartServiceAsync();
        load._client = await NodeClients.StartAsync("grpc-load.mjs", $"127.0.0.1:{suite.Port}", load._run);
        return load;
    }

    /// <summary>Calls are answered.</summary>
    public async Task GoesOnAsync()
    {
        var goal = _client.Lines.Count + Step;
        await Eventually.HoldsAsync(() => _client.Lines.Count >= goal, Patience, $"calls are answered\n{_suite.Output}");
    }

    public async Task KillServiceAsync()
    {
        _services[^1].Signal(9);
        await _services[^1].WaitForExitAsync(Patience);
    }

    public async Task StartServiceAsync()
    {
        _services.Add(await NodeClients.StartAsync("grpc-keys.mjs", $"127.0.0.1:{_suite.KeyedPort}", _effects));
        await _services[^1].WaitForLineAsync("ready", Patience);
    }

    /// <summary>Ends the calls. Each was OK at its first try, and has its effect once, though the service was asked more than once for some.</summary>
    public async Task VerifyAsync()
    {
        _client.Signal(15);
        Assert.Equal(0, await _client.WaitForExitAsync(Patience));
        Assert.All(_client.Lines, line => Assert.StartsWith("OK ", line, StringComparison.Ordinal));
        var effects = await File.ReadAllLinesAsync(_effects);
        Assert.Equal(_client.Lines.Select(line => line[3..]).Order(StringComparer.Ordinal), effects.Select(line => line.Split(' ')[1]).Order(StringComparer.Ordinal));
        Assert.Contains(_services.SelectMany(service => service.Lines).Where(line => line != "ready").GroupBy(line => line), tries => tries.Count() > 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        File.Delete(_effects);
    }
}
