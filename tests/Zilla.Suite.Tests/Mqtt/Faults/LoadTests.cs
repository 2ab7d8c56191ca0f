using Zilla.EdgeMqtt.Packets;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>Processes are killed under load and started again: nothing acknowledged is lost, QoS 2 is exactly once, order is kept.</summary>
[Collection(MqttCollection.Name)]
public sealed class LoadTests(MqttFixture fixture)
{
    [Fact]
    public async Task Owner_KilledUnderLoad_NothingAcknowledgedIsLostOrRepeated_AndClientsStayConnected()
    {
        await fixture.Suite.SharedOutAsync();
        await using var load = await Load.StartAsync(fixture.Suite);
        var usual = await load.GoesOnAsync("nothing");
        var owner = fixture.Suite.OwnerOf(load.Publishers[^1].Id);
        await owner.KillAsync();
        var away = await load.GoesOnAsync($"{owner.Name} was killed");
        await owner.RestartAsync();
        var again = await load.GoesOnAsync($"{owner.Name} came back");
        Assert.True(away < TimeSpan.FromSeconds(15) + (5 * (usual + again)), $"sessions are back after {away}: 10 s, and what a busy machine adds, where as much takes {usual} and {again} else");
        await load.VerifyAsync();
        Assert.All(load.All, client => Assert.True(client.Connections == 1, client.Story));
    }

    [Fact]
    public async Task Edge_KilledUnderLoad_NothingAcknowledgedIsLostOrRepeated()
    {
        await using var load = await Load.StartAsync(fixture.Suite);
        var edge = fixture.Suite.Edges[0];
        await edge.KillAsync();
        await load.GoesOnAsync($"{edge.Name} was killed");
        await edge.RestartAsync();
        await load.GoesOnAsync($"{edge.Name} came back");
        await load.VerifyAsync();
        Assert.Contains(load.All, client => client.Connections > 1);
    }

    [Fact]
    public async Task Broker_KilledUnderLoad_NothingAcknowledgedIsLostOrRepeated()
    {
        await using var load = await Load.StartAsync(fixture.Suite);
        await fixture.Suite.Broker.KillAsync();
        await fixture.Suite.Broker.RestartAsync();
        await load.GoesOnAsync("the broker came back");
        await load.VerifyAsync();
    }

    /// <summary>As the three before, one after the other, with what they leave out.</summary>
    [Fact]
    public async Task OwnerEdgeAndBroker_KilledUnderLoadOf311_RetainedAndByARouteWithParameters_NothingAcknowledgedIsLostOrRepeated()
    {
        var suite = fixture.Suite;
        await suite.SharedOutAsync();
        await using var load = await Load.StartAsync(suite, new(MqttVersion.V311, "kinds/x/", $"{suite.Kinds}-x", IsRetained: true));
        foreach (var service in new[] { suite.OwnerOf(load.Publishers[^1].Id), suite.Edges[0] })
        {
            await service.KillAsync();
            await load.GoesOnAsync($"{service.Name} was killed");
            await service.RestartAsync();
        }

        await suite.Broker.KillAsync();
        await suite.Broker.RestartAsync();
        await load.GoesOnAsync("the broker came back");
        await load.VerifyAsync();
    }
}
