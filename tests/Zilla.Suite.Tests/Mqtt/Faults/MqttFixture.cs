namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>One suite for the tests that end its processes and start them again; each leaves it whole.</summary>
public sealed class MqttFixture : IAsyncLifetime
{
    internal MqttSuite Suite { get; private set; } = null!;

    public async Task InitializeAsync() => Suite = await MqttSuite.StartAsync();

    public async Task DisposeAsync()
    {
        if (Suite is not null)
        {
            await Suite.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class MqttCollection : ICollectionFixture<MqttFixture>
{
    public const string Name = "mqtt faults";
}
