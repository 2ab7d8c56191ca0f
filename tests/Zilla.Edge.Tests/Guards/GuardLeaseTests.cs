using Zilla.Edge.Guards;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Guards;

public sealed class GuardLeaseTests
{
    private readonly ManualTime _time = new(TestIssuer.Now);
    private readonly ConnectionLeases _leases;

    public GuardLeaseTests() => _leases = new ConnectionLeases(_time);

    [Fact]
    public void Lease_ForManyDays_EndsToTheSecond()
    {
        using var lease = _leases.Open(Grant(TimeSpan.FromDays(100)));

        _time.Advance(TimeSpan.FromDays(100) - TimeSpan.FromSeconds(1));
        Assert.False(lease.Expired.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(lease.Expired.IsCancellationRequested);
    }

    [Fact]
    public void Lease_WithoutExpiry_NeverEnds()
    {
        using var lease = _leases.Open(new Grant("g", "alice"));

        _time.Advance(TimeSpan.FromDays(10_000));

        Assert.False(lease.Expired.IsCancellationRequested);
        Assert.False(lease.TakeChallenge());
    }

    [Fact]
    public void Challenge_OncePerGrant()
    {
        using var lease = _leases.Open(Grant(TimeSpan.FromHours(1), TimeSpan.FromMinutes(50)));
        Assert.False(lease.TakeChallenge());

        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.True(lease.Challenged.IsCompleted);
        Assert.True(lease.TakeChallenge());
        Assert.False(lease.TakeChallenge());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(lease.Challenged.IsCompleted);

        _leases.Renew(Grant(TimeSpan.FromHours(2), TimeSpan.FromMinutes(51))); // late already
        Assert.True(lease.TakeChallenge());
        _time.Advance(TimeSpan.FromMinutes(68));
        Assert.False(lease.Expired.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(lease.Expired.IsCancellationRequested);
    }

    [Fact]
    public void Renew_ByAShorterGrant_ChangesNothing()
    {
        using var lease = _leases.Open(Grant(TimeSpan.FromHours(1)));

        _leases.Renew(Grant(TimeSpan.FromMinutes(5)));
        _time.Advance(TimeSpan.FromMinutes(59));

        Assert.False(lease.Expired.IsCancellationRequested);
    }

    [Fact]
    public void Renew_ByAGrantWithoutExpiry_ForEver()
    {
        using var lease = _leases.Open(Grant(TimeSpan.FromHours(1)));

        _leases.Renew(new Grant("g", "alice"));
        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(lease.Expired.IsCancellationRequested);
    }

    [Fact]
    public void Lease_Disposed_IsLeftAlone()
    {
        var lease = _leases.Open(Grant(TimeSpan.FromHours(1)));
        lease.Dispose();

        _leases.Renew(Grant(TimeSpan.FromHours(2)));
        _time.Advance(TimeSpan.FromHours(3));

        Assert.False(lease.Expired.IsCancellationRequested);
    }

    [Fact]
    public void Renews_NobodyInParticular_Never() => Assert.False(new Grant("g", null).Renews(new Grant("g", null)));

    private static Grant Grant(TimeSpan expires, TimeSpan? challenge = null) =>
        new("g", "alice") { Expires = TestIssuer.Now + expires, Challenge = TestIssuer.Now + challenge };
}
