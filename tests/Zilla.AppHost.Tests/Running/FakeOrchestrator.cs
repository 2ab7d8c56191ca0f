using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Tests.Running;

/// <summary>Starts nothing, and says that it did. Its processes answer health checks as told.</summary>
internal sealed class FakeOrchestrator : HttpMessageHandler, IOrchestrator
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, string> _owners = [];
    private readonly HashSet<string> _healthy = [];
    private readonly List<string> _calls = [];

    public event Action<ProcessStatus>? Changed;

    public Task Lost { get; } = new TaskCompletionSource().Task;

    /// <summary>Set for a program that cannot be started.</summary>
    public string? Broken { get; set; }

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public void SetHealthy(string instance)
    {
        lock (_gate)
        {
            _healthy.Add(instance);
        }
    }

    public void End(string instance, int code) => Changed?.Invoke(new ProcessStatus(instance, ProcessState.Ended) { ExitCode = code });

    public Task StartAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        Note("start " + instance.Name);
        if (Broken == instance.Name)
        {
            throw new IOException("no such program");
        }

        lock (_gate)
        {
            foreach (var endpoint in instance.Endpoints)
            {
                _owners[endpoint.Port] = instance.Name;
            }
        }

        Changed?.Invoke(new ProcessStatus(instance.Name, ProcessState.Running) { ProcessId = 1 });
        return Task.CompletedTask;
    }

    public Task StopAsync(string instance, CancellationToken cancellationToken)
    {
        Note("stop " + instance);
        End(instance, 0);
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<LogLine> ReadLogsAsync(string instance, bool follow, CancellationToken cancellationToken) => AsyncEnumerable.Empty<LogLine>();

    public Task ShutdownAsync(CancellationToken cancellationToken)
    {
        Note("shutdown");
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool healthy;
        lock (_gate)
        {
            healthy = _healthy.Contains(_owners[request.RequestUri!.Port]);
        }

        var body = healthy ? """{"checks":{"self":{"status":"Healthy"}}}""" : """{"checks":{"self":{"status":"Unhealthy","description":"not yet"}}}""";
        return Task.FromResult(new HttpResponseMessage { Content = new StringContent(body) });
    }

    private void Note(string call)
    {
        lock (_gate)
        {
            _calls.Add(call);
        }
    }
}
