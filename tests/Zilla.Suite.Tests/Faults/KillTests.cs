namespace Zilla.Suite.Tests.Faults;

/// <summary>Every process is killed under load, one after the other, and started again: the edges, the cache replicas, Control, the broker.</summary>
[Collection(FaultsCollection.Name)]
public sealed class KillTests(FaultsFixture fixture)
{
    [Fact]
    public async Task Kill_AnyProcessUnderLoad_NothingAcknowledgedIsLostAndEventsResume()
    {
        var suite = fixture.Suite;
        await using var load = new Load(suite, fixture.Topic);
        await load.GoesOnAsync("the start");
        foreach (var victim in (ServiceProcess[])[.. suite.Edges, .. suite.Caches, suite.Control])
        {
            await victim.KillAsync();
            await load.GoesOnAsync($"{victim.Name} was killed"); // the other one has taken over
            await victim.RestartAsync(); // and is ready, so that it can take over from the other one
            await load.GoesOnAsync($"{victim.Name} came back");
        }

        await suite.Broker.KillAsync();
        await suite.Broker.RestartAsync();
        await load.GoesOnAsync("the broker came back");
        await load.VerifyAsync();
        Assert.Contains(load.Readers, reader => reader.Openings > 1);
    }
}
