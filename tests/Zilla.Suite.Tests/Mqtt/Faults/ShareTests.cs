using Zilla.EdgeMqtt.Packets;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>Shared subscriptions with members on both edges, one group at each replica.</summary>
[Collection(MqttCollection.Name)]
public sealed class ShareTests(MqttFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Message_GoesToOneMemberOfEachGroup_AndFromAMemberThatDiesToAnother()
    {
        var suite = fixture.Suite;
        await suite.SharedOutAsync();
        var run = Guid.NewGuid().ToString("N")[..8];
        List<List<Subscriber>> groups = [.. suite.Caches.Select(cache => suite.KeyOwnedBy(cache, i => $"$share/g{i}/{run}/#"))
            .Select(filter => Enumerable.Range(0, 4).Select(n => new Subscriber(
                suite, $"{run}-{filter.Split('/')[1]}-{n}", QualityOfService.AtLeastOnce, filter, n % 2, packet => packet with { Properties = default }) { StaysAway = true }).ToList())];
        var members = groups.SelectMany(group => group).ToList();
        await using var publisher = new Publisher(suite, $"{run}-p", QualityOfService.AtLeastOnce, $"{run}/a", edge: 0, isPaused: true);
        try
        {
            await Eventually.HoldsAsync(() => members.TrueForAll(member => member.IsSubscribed), Patience, $"all are subscribed\n{suite.Output}");
            groups.ForEach(group => group[0].IsSilent = true);
            publisher.Resume();
            // Records go to who has least in hand: one that says nothing gets few.
            await Eventually.HoldsAsync(() => members.TrueForAll(member => member.Received.Count > (member.IsSilent ? 0 : 5)), Patience, "every member gets some");
            groups.ForEach(group => group[0].Drop());
            await publisher.FinishAsync();
            string[] all = [.. publisher.Acknowledged.Select(publisher.Payload)];
            foreach (var group in groups)
            {
                var others = group[1..];
                await Eventually.HoldsAsync(() => !all.Except(others.SelectMany(member => member.Received)).Any(), Patience, "what one left unsettled goes to others");
                string[] received = [.. others.SelectMany(member => member.Received)];
                Assert.Equal(received.Length, received.Distinct().Count());
            }
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }
}
