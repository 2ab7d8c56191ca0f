using System.Globalization;
using System.Text;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>
/// Owners that die at any moment, with any of their transactions written or not, against a client that does what MQTT says: what it has not been answered it sends
/// again. Whatever happened, each message is there once, and so is the will.
/// </summary>
public class SessionCrashTests
{
    private const int Histories = 150;

    [Fact]
    public async Task AnyHistory_EachMessageAndTheWillOnce()
    {
        for (var seed = 0; seed < Histories; seed++)
        {
            await RunAsync(seed);
        }
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        using var space = new OwnedSpace();
        List<string> written = [];
        Dictionary<ushort, string> unanswered = [];
        HashSet<ushort> answered = [];
        List<string> published = [];
        var subscribed = new HashSet<string>();
        var client = await space.ConnectAsync("c", expiry: 60, will: OwnedSpace.Will("will"));
        ushort next = 0;

        for (var step = 0; step < 12; step++)
        {
            switch (random.Next(6))
            {
                case 0 when answered.Count > 0:
                    var free = answered.First();
                    await client.ReleaseAsync(free);
                    answered.Remove(free);
                    break;
                case 1:
                    subscribed.Add($"f{step}");
                    await client.SubscribeAsync($"f{step}");
                    break;
                case 2:
                    client.Lose();
                    client = await space.ConnectAsync("c", connection: client.Connection, again: true);
                    break;
                default:
                    await PublishAsync(random.Next(1, 4), fails: random.Next(3));
                    break;
            }
        }

        await client.EndAsync(How.Lost);
        written.AddRange(space.Published);
        Assert.True(published.Append("will").SequenceEqual(written.Where((value, at) => written.IndexOf(value) == at)) && written.Count == published.Count + 1,
            $"seed {seed}: {string.Join(' ', written)}");
        var back = await space.ConnectAsync("c", expiry: 60);
        Assert.True(subscribed.SetEquals(back.Answer.Subscriptions.Select(s => s.Filter)), $"seed {seed}");
        Assert.True(answered.SetEquals(back.Answer.Received.Select(id => (ushort)id)), $"seed {seed}");

        // 0: nothing fails; 1: the owner dies with its transaction unwritten; 2: it dies when that is written, before the answer.
        async Task PublishAsync(int count, int fails)
        {
            if (fails == 1)
            {
                space.Partition.Hold();
            }

            for (var i = 0; i < count; i++)
            {
                unanswered.Add(++next, $"m{next.ToString(CultureInfo.InvariantCulture)}");
                published.Add(unanswered[next]);
            }

            var publishing = unanswered.OrderBy(m => m.Key).Select(m => client.PublishAsync(m.Key, m.Value)).ToArray();
            if (fails == 0)
            {
                await Task.WhenAll(publishing);
            }
            else
            {
                await Eventually.HoldsAsync(() => fails == 1 ? space.Partition.Held > 0 : space.Partition.Commits.SelectMany(c => c).Any(r => r.Value is { } v && Encoding.UTF8.GetString(v) == published[^1]));
                await FailOverAsync();
            }

            answered.UnionWith(unanswered.Keys);
            unanswered.Clear();
        }

        // What was not answered is sent again, in its order; that it is not written twice the owner knows.
        async Task FailOverAsync()
        {
            var before = space.Partition;
            space.FailOver();
            written.AddRange(before.Commits.SelectMany(c => c).Where(r => r.Topic == "messages").Select(r => Encoding.UTF8.GetString(r.Value!)));
            client = await space.ConnectAsync("c", connection: client.Connection, again: true);
            await Task.WhenAll(unanswered.OrderBy(m => m.Key).Select(m => client.PublishAsync(m.Key, m.Value)));
        }
    }
}
