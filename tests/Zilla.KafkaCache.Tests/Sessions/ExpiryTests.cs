using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>How long a session outlives its connection (§3.1.2.11.2).</summary>
public sealed class ExpiryTests : IDisposable
{
    private readonly OwnedSpace _space = new();

    public void Dispose() => _space.Dispose();

    [Fact]
    public async Task Expiry_NobodyComesBack_NothingIsLeft()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Closed);

        await _space.AdvanceAsync(59);
        Assert.NotEmpty(_space.Keys);
        await _space.AdvanceAsync(1);

        await _space.IsEmptyAsync("c");
    }

    [Fact]
    public async Task Expiry_OfDisconnect_CountsInstead()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Closed, expiry: 0);

        await _space.IsEmptyAsync("c");
    }

    [Fact]
    public async Task Expiry_Never_IsNeverLookedFor()
    {
        var client = await _space.ConnectAsync("c", expiry: uint.MaxValue);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Lost);
        _space.FailOver();

        await _space.AdvanceAsync(100 * 24 * 3600);

        Assert.Equal(["a"], (await _space.ConnectAsync("c", expiry: uint.MaxValue)).Answer.Subscriptions.Select(s => s.Filter));
    }

    [Fact]
    public async Task Expiry_BeyondWhatIsKeptInMind_IsFoundByLookingAgain()
    {
        var client = await _space.ConnectAsync("c", expiry: 24 * 3600);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Closed);
        var due = _space.Now + 24 * 3600 * 1000;

        await Eventually.HoldsAsync(async () =>
        {
            await _space.AdvanceAsync(900);
            return _space.Keys.Count == 0;
        });

        Assert.InRange(_space.Now, due, due + 3 * 3600 * 1000);
    }

    [Fact]
    public async Task Expiry_ComesBackInTime_IsThere_AndCountsAnew()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Lost);
        await _space.AdvanceAsync(59);

        var again = await _space.ConnectAsync("c", expiry: 30);
        Assert.True(again.Answer.SessionPresent);
        await _space.AdvanceAsync(100);
        await again.EndAsync(How.Lost);
        await _space.AdvanceAsync(29);
        Assert.NotEmpty(_space.Keys);
        await _space.AdvanceAsync(1);

        await _space.IsEmptyAsync("c");
        Assert.False((await _space.ConnectAsync("c", expiry: 30)).Answer.SessionPresent);
    }

    /// <summary>Without an interval the session ends with its connection, however that ends.</summary>
    [Theory]
    [InlineData(How.Closed)]
    [InlineData(How.Lost)]
    public async Task Expiry_Zero_EndsWithTheConnection(How how)
    {
        var client = await _space.ConnectAsync("c", expiry: 0);
        await client.SubscribeAsync("a");

        await client.EndAsync(how);

        await _space.IsEmptyAsync("c");
        Assert.False((await _space.ConnectAsync("c", expiry: 60)).Answer.SessionPresent);
    }
}
