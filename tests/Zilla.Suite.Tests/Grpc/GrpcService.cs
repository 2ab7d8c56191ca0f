using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>The service behind the suite's topics, of kafkajs.</summary>
public sealed class GrpcService(GrpcSuite suite) : IAsyncLifetime
{
    private ChildProcess? _process;

    /// <summary>For the message of a test that fails.</summary>
    internal string Output => _process?.Output ?? "";

    public async Task InitializeAsync()
    {
        _process = await NodeClients.StartAsync("grpc-service.mjs", suite.Broker.BootstrapServers, suite.Requests);
        await _process.WaitForLineAsync("ready", TimeSpan.FromSeconds(60));
    }

    /// <summary>It leaves its group, so that the next one need not wait until that is noticed.</summary>
    public async Task DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Signal(15);
            await process.WaitForExitAsync(TimeSpan.FromSeconds(20));
            await process.DisposeAsync();
        }
    }
}
