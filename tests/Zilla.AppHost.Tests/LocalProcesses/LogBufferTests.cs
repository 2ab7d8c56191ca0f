using Zilla.AppHost.Hosting.LocalProcesses;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Tests.LocalProcesses;

public sealed class LogBufferTests
{
    [Fact]
    public async Task ReadAsync_NotFollowing_GivesWhatIsThere()
    {
        var log = new LogBuffer();
        log.Add(new LogLine("one", false));
        log.Add(new LogLine("two", true));

        Assert.Equal([new("one", false), new LogLine("two", true)], await log.ReadAsync(follow: false, default).ToListAsync());
    }

    [Fact]
    public async Task ReadAsync_Following_GoesOnUntilTheProcessIsOver()
    {
        var log = new LogBuffer();
        log.Add(new LogLine("before", false));
        await using var reader = log.ReadAsync(follow: true, default).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());

        log.Add(new LogLine("after", false));
        log.Complete();

        Assert.True(await reader.MoveNextAsync());
        Assert.Equal("after", reader.Current.Text);
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Add_MoreThanItHolds_KeepsTheLast()
    {
        var log = new LogBuffer();
        for (var i = 0; i < 6000; i++)
        {
            log.Add(new LogLine($"{i}", false));
        }

        var lines = await log.ReadAsync(follow: false, default).ToListAsync();
        Assert.Equal(5000, lines.Count);
        Assert.Equal("5999", lines[^1].Text);
    }
}
