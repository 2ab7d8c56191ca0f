using Zilla.EdgeMqtt.Packets;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>One client id on two edges.</summary>
[Collection(MqttCollection.Name)]
public sealed class TakeoverTests(MqttFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Client_ThatConnectsToAnotherEdge_TakesItsSessionAlong_AndTheFirstConnectionIsToldSo()
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        await using var publisher = new Publisher(fixture.Suite, $"{run}-p", QualityOfService.AtLeastOnce, $"{run}/a", edge: 0, isPaused: true);
        await using var first = new Subscriber(fixture.Suite, $"{run}-s", QualityOfService.ExactlyOnce, $"{run}/#", edge: 0) { StaysAway = true };
        await Eventually.HoldsAsync(() => first.IsSubscribed, Patience, first.Story);
        publisher.Resume();
        await Eventually.HoldsAsync(() => first.Received.Count > 10, Patience, first.Story);
        await using var second = new Subscriber(fixture.Suite, $"{run}-s", QualityOfService.ExactlyOnce, $"{run}/#", edge: 1);
        await Eventually.HoldsAsync(() => first.Disconnected == ReasonCode.SessionTakenOver, Patience, $"the first is told: {first.Story}; {second.Story}");
        await Eventually.HoldsAsync(() => second.Received.Count > 10, Patience, $"it goes on: {second.Story}");
        Assert.Contains("edge 1, session kept", second.Story, StringComparison.Ordinal);
        await publisher.FinishAsync();
        string[] all = [.. publisher.Acknowledged.Select(publisher.Payload)];
        await Eventually.HoldsAsync(() => !all.Except([.. first.Received, .. second.Received]).Any(), Patience, $"all have come: {second.Story}");
        Assert.Equal(second.Received.Count, second.Received.Distinct().Count());
        Assert.False(second.IsSubscribed); // it had no need to
    }
}
