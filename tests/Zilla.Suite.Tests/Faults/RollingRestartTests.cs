namespace Zilla.Suite.Tests.Faults;

/// <summary>Every service is restarted in order, one after the other, as an upgrade does, under load.</summary>
[Collection(FaultsCollection.Name)]
public sealed class RollingRestartTests(FaultsFixture fixture)
{
    [Fact]
    public async Task Restart_EveryServiceInTurn_NoClientIsRefused_AndEventStreamsEndInOrder()
    {
        var suite = fixture.Suite;
        await using var load = new Load(suite, fixture.Topic);
        await load.GoesOnAsync("the start");
        foreach (var service in (ServiceProcess[])[suite.Control, .. suite.Caches, .. suite.Edges])
        {
            await service.StopAsync();
            await service.RestartAsync();
            await load.GoesOnAsync($"{service.Name} was restarted");
        }

        await load.VerifyAsync();
        Assert.Empty(load.Writers.SelectMany(writer => writer.Refusals));
        Assert.Empty(load.Http2.SelectMany(writer => writer.Losses)); // GOAWAY, and what was asked before is answered
        Assert.Empty(load.Readers.SelectMany(reader => reader.Breaks));
        Assert.Contains(load.Readers, reader => reader.Openings > 1);
    }
}
