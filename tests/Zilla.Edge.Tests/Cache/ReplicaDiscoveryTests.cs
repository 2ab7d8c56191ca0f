using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Edge.Cache;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Cache;

public sealed class ReplicaDiscoveryTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly CacheReplicas _replicas = new([]);
    private readonly ManualTime _time = new();
    private Func<string[]> _answer = () => [];

    private string[] Known => [.. _replicas.Current.Select(replica => replica.Name).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Refresh_EveryAddressOfTheName_IsAReplica()
    {
        using var discovery = Discovery("dns:///kafka-cache:8081");
        _answer = () => ["10.0.0.1", "10.0.0.2"];
        await discovery.RefreshAsync(default);
        var before = _replicas.Current;

        _answer = () => ["10.0.0.2", "10.0.0.3", "10.0.0.1"];
        await discovery.RefreshAsync(default);

        Assert.Equal(["http://10.0.0.1:8081/", "http://10.0.0.2:8081/", "http://10.0.0.3:8081/"], Known);
        Assert.Equal(before, _replicas.Current.Take(2));
    }

    [Fact]
    public async Task Refresh_AddressHasGone_KeptWhileItIsConnected()
    {
        using var discovery = Discovery("dns:///kafka-cache:8081");
        _answer = () => ["10.0.0.1", "10.0.0.2"];
        await discovery.RefreshAsync(default);
        var first = (Replica)_replicas.Current[0];
        first.IsConnected = true;

        _answer = () => ["10.0.0.3"];
        await discovery.RefreshAsync(default);
        Assert.Equal(["http://10.0.0.1:8081/", "http://10.0.0.3:8081/"], Known);
        Assert.False(first.IsDisposed);

        first.IsConnected = false;
        await discovery.RefreshAsync(default);
        Assert.Equal(["http://10.0.0.3:8081/"], Known);
        Assert.True(first.IsDisposed);
    }

    [Fact]
    public async Task Refresh_NameServiceIsAway_NothingChanges()
    {
        using var discovery = Discovery("dns:///kafka-cache:8081");
        _answer = () => ["10.0.0.1"];
        await discovery.RefreshAsync(default);

        _answer = () => throw new SocketException((int)SocketError.TryAgain);
        await discovery.RefreshAsync(default);

        Assert.Equal(["http://10.0.0.1:8081/"], Known);
    }

    [Theory]
    [InlineData("10.0.0.1,fd00::1", "http://10.0.0.1:8081/")]
    [InlineData("fd00::1", "http://[fd00::1]:8081/")]
    public async Task Refresh_BothFamilies_OneReplica(string addresses, string replica)
    {
        using var discovery = Discovery("dns:///kafka-cache:8081");
        _answer = () => addresses.Split(',');
        await discovery.RefreshAsync(default);

        Assert.Equal([replica], Known);
    }

    [Fact]
    public async Task Run_LooksAgainAndAgain_UntilStopped()
    {
        using var discovery = Discovery("dns:///kafka-cache:8081");
        await discovery.StartAsync(default);

        _answer = () => ["10.0.0.1"];
        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(Interval);
            return Known.Length == 1;
        });
        var found = (Replica)_replicas.Current[0];

        await discovery.StopAsync(default);
        Assert.True(found.IsDisposed);
    }

    [Theory]
    [InlineData("dns:///kafka-cache")]
    [InlineData("dns:///:8081")]
    [InlineData("dns://kafka-cache:8081")]
    [InlineData("dns:///kafka-cache:70000")]
    [InlineData("dns:///kafka-cache:8081/path")]
    public void Name_NotHostAndPort_Refused(string name) => Assert.Throws<FormatException>(() => Discovery(name));

    private ReplicaDiscovery Discovery(string name) => new(
        [new Uri(name)], _replicas, address => new Replica(address.ToString()), (_, _) => Task.FromResult(_answer().Select(IPAddress.Parse).ToArray()),
        Interval, _time, NullLogger<ReplicaDiscovery>.Instance);

    private sealed class Replica(string name) : ICacheReplica, IAsyncDisposable
    {
        public string Name => name;
        public bool IsConnected { get; set; }
        public bool IsDisposed { get; private set; }

        public FrameStream Open(Begin begin) => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
