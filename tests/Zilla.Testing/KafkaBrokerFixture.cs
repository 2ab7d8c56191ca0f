using Xunit;

namespace Zilla.Testing;

/// <summary>One <see cref="KafkaBroker"/> for a test class or collection: <c>IClassFixture&lt;KafkaBrokerFixture&gt;</c>.</summary>
public sealed class KafkaBrokerFixture : IAsyncLifetime
{
    private KafkaBroker? _broker;

    public KafkaBroker Broker => _broker ?? throw new InvalidOperationException("The broker is started by the test framework.");

    public string BootstrapServers => Broker.BootstrapServers;

    public async Task InitializeAsync() => _broker = await KafkaBroker.StartAsync();

    public async Task DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }
}
