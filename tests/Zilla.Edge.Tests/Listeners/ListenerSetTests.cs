using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Zilla.Config.Plans;
using Zilla.Edge.Limits;
using Zilla.Edge.Listeners;
using Zilla.Edge.Telemetry;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Listeners;

public sealed class ListenerSetTests : IDisposable
{
    private readonly string _locks = Directory.CreateTempSubdirectory("ports-").FullName;

    public void Dispose() => Directory.Delete(_locks, recursive: true);

    [Fact]
    public async Task Commit_NewPort_AcceptsAndNamesTheBinding()
    {
        var target = new Echo();
        await using var set = Set(target);
        var port = FreePort.Next();
        await ApplyAsync(set, Plan("tcp0", port));

        using var client = await ConnectAsync(port);

        Assert.Equal("hello", await client.AskAsync("hello"));
        Assert.Equal(("tcp0", port), (target.Features.Single().Binding, target.Features.Single().Port));
    }

    [Fact]
    public async Task Commit_ListenAddressIsSet_TheBindingsHostDoesNotMatter()
    {
        await using var set = Set(new Echo(), options: new ListenerOptions { ListenAddress = "127.0.0.1" });
        var port = FreePort.Next();
        await ApplyAsync(set, new ListenerPlan { Binding = "tcp0", Host = "gateway.invalid", Ports = [port] });

        using var client = await ConnectAsync(port);
        Assert.Equal("hello", await client.AskAsync("hello"));
    }

    [Fact]
    public async Task Commit_AnotherPlan_UntouchedKeepConnections_RemovedClose()
    {
        await using var set = Set(new Echo());
        var (kept, removed, added) = (FreePort.Next(), FreePort.Next(), FreePort.Next());
        await ApplyAsync(set, Plan("a", kept), Plan("b", removed));
        using var onKept = await ConnectAsync(kept);
        using var onRemoved = await ConnectAsync(removed);
        Assert.Equal("1", await onKept.AskAsync("1"));
        Assert.Equal("1", await onRemoved.AskAsync("1"));

        await ApplyAsync(set, Plan("a", kept), Plan("c", added));

        Assert.Equal("2", await onKept.AskAsync("2"));
        using var onAdded = await ConnectAsync(added);
        Assert.Equal("3", await onAdded.AskAsync("3"));
        Assert.Equal("", await onRemoved.ReadAsync());
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(removed));
        await Eventually.HoldsAsync(() => set.Connections == 2);
    }

    [Fact]
    public async Task Commit_PortUnderAnotherBinding_SameSocketNewName()
    {
        var target = new Echo();
        await using var set = Set(target);
        var port = FreePort.Next();
        await ApplyAsync(set, Plan("old", port));
        using var client = await ConnectAsync(port);
        Assert.Equal("1", await client.AskAsync("1"));

        await ApplyAsync(set, Plan("new", port));

        Assert.Equal("2", await client.AskAsync("2"));
        Assert.Equal("new", target.Features.Single().Binding);
    }

    [Fact]
    public async Task Prepare_PortInUse_RefusedWholeWithReason()
    {
        await using var set = Set(new Echo());
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var (free, taken) = (FreePort.Next(), ((IPEndPoint)other.LocalEndpoint).Port);

        var refused = await Assert.ThrowsAsync<PortUnavailableException>(() => ApplyAsync(set, Plan("a", free, taken)));

        Assert.Contains($"{taken}: the port is in use", refused.Message, StringComparison.Ordinal);
        Assert.Empty(set.EndPoints);
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(free));
    }

    [Fact]
    public async Task Prepare_NoSuchAddressOrHost_RefusedWithReason()
    {
        await using var set = Set(new Echo());

        var address = await Assert.ThrowsAsync<PortUnavailableException>(() => ApplyAsync(set, new ListenerPlan { Binding = "a", Host = "192.0.2.1", Ports = [FreePort.Next()] }));
        var host = await Assert.ThrowsAsync<PortUnavailableException>(() => ApplyAsync(set, new ListenerPlan { Binding = "a", Host = "no.such.host.invalid", Ports = [1] }));

        Assert.Contains("no such address", address.Message, StringComparison.Ordinal);
        Assert.Contains("no such host", host.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_Replicas_OneSuiteSharesAPort_AnotherIsRefused()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var first = Set(new Echo(), "suite-a");
        await using var second = Set(new Echo(), "suite-a");
        await using var foreign = Set(new Echo(), "suite-b");
        var port = FreePort.Next();
        await ApplyAsync(first, Plan("a", port));
        await ApplyAsync(second, Plan("a", port));

        var refused = await Assert.ThrowsAsync<PortUnavailableException>(() => ApplyAsync(foreign, Plan("a", port)));
        Assert.Contains($"Port {port} is in use by another Zilla suite", refused.Message, StringComparison.Ordinal);

        await first.CloseAsync();
        await Assert.ThrowsAsync<PortUnavailableException>(() => ApplyAsync(foreign, Plan("a", port)));
        await second.CloseAsync();
        await ApplyAsync(foreign, Plan("a", port));
        using var client = await ConnectAsync(port);
        Assert.Equal("served", await client.AskAsync("served"));
    }

    [Theory]
    [InlineData(60, 10, 3, 1)]
    [InlineData(0.2, 86_400, 0, 1)]
    [InlineData(0, 10, 3, 0)]
    public async Task Accept_TcpAsksWhetherTheClientIsThere(double time, double interval, int tries, int isOn)
    {
        var target = new Echo();
        await using var set = Set(target, options: new ListenerOptions { TcpKeepAlive = TimeSpan.FromSeconds(time), TcpKeepAliveInterval = TimeSpan.FromSeconds(interval), TcpKeepAliveTries = tries });
        var port = FreePort.Next();
        await ApplyAsync(set, Plan("a", port));
        using var client = await ConnectAsync(port);
        Assert.Equal("1", await client.AskAsync("1"));

        var socket = target.Sockets.Single();
        Assert.Equal(isOn, Option(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        if (isOn == 1)
        {
            Assert.Equal(
                ((int)Math.Ceiling(time), (int)Math.Min(interval, 32_767), Math.Max(tries, 1)),
                (Option(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime), Option(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval), Option(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)));
        }

        int Option(SocketOptionLevel level, SocketOptionName name) => (int)socket.GetSocketOption(level, name)!;
    }

    [Fact]
    public void TcpKeepAlive_ByDefault_FindsOutIn90Seconds()
    {
        var options = new ListenerOptions();
        Assert.Equal(TimeSpan.FromSeconds(90), options.TcpKeepAlive + (options.TcpKeepAliveTries * options.TcpKeepAliveInterval));
    }

    [Fact]
    public async Task Accept_BeyondTheLimit_ClosedAtOnce_AndServedAgainWhenOthersHaveGone()
    {
        await using var set = Set(new Echo(), options: new ListenerOptions { MaxConnections = 1 });
        var port = FreePort.Next();
        await ApplyAsync(set, Plan("a", port));
        var first = await ConnectAsync(port);
        Assert.Equal("1", await first.AskAsync("1"));

        await AssertRefusedAsync(port);
        first.Dispose();
        await Eventually.HoldsAsync(() => set.Connections == 0);
        using var third = await ConnectAsync(port);
        Assert.Equal("3", await third.AskAsync("3"));
    }

    [Fact]
    public async Task Accept_BeyondTheBindingsLimit_ClosedAtOnce_OnAllItsPorts()
    {
        await using var set = Set(new Echo());
        var (one, two, other) = (FreePort.Next(), FreePort.Next(), FreePort.Next());
        await ApplyAsync(set, Plan("a", one, two) with { Limits = new() { Connections = 1 } }, Plan("b", other));
        using var first = await ConnectAsync(one);
        Assert.Equal("1", await first.AskAsync("1"));

        await AssertRefusedAsync(two);

        using var elsewhere = await ConnectAsync(other);
        Assert.Equal("2", await elsewhere.AskAsync("2"));
        Assert.Equal(2, set.Connections);
    }

    [Fact]
    public async Task Commit_OtherLimits_HoldFromTheNextConnectionOn()
    {
        await using var set = Set(new Echo());
        var port = FreePort.Next();
        await ApplyAsync(set, Plan("a", port));
        var first = await ConnectAsync(port);
        using var second = await ConnectAsync(port);
        Assert.Equal("1", await first.AskAsync("1"));
        Assert.Equal("2", await second.AskAsync("2"));

        await ApplyAsync(set, Plan("a", port) with { Limits = new() { Connections = 2 } });

        await AssertRefusedAsync(port);
        Assert.Equal("3", await first.AskAsync("3"));
        first.Dispose();
        await Eventually.HoldsAsync(() => set.Connections == 1);
        using var third = await ConnectAsync(port);
        Assert.Equal("4", await third.AskAsync("4"));
        await ApplyAsync(set, Plan("a", port));
        using var fourth = await ConnectAsync(port);
        Assert.Equal("5", await fourth.AskAsync("5"));
    }

    [Fact]
    public async Task Handover_ClientSaysTooLittle_ClosedAtTheDeadline()
    {
        var time = new ManualTime();
        var handover = new KestrelHandover(Options.Create(new ListenerOptions { PrefaceTimeout = TimeSpan.FromSeconds(10) }), time);
        await using var set = Set(handover);
        var port = FreePort.Next();
        await ApplyAsync(set, Plan("a", port));
        using var silent = await ConnectAsync(port);
        using var halfOpen = await ConnectAsync(port);
        await halfOpen.WriteAsync("PRI");
        await Eventually.HoldsAsync(() => set.Connections == 2);

        var (one, two) = (silent.ReadAsync(), halfOpen.ReadAsync());
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(10)); // again: a connection may just have been accepted
            return one.IsCompleted && two.IsCompleted;
        });

        Assert.Equal(("", ""), (await one, await two));
        await Eventually.HoldsAsync(() => set.Connections == 0);
    }

    [Fact]
    public async Task Handover_Prefaces_EachToItsOwnEndpoint()
    {
        var handover = new KestrelHandover(Options.Create(new ListenerOptions()), TimeProvider.System);
        var http1 = await handover.BindAsync(KestrelHandover.Http1);
        var http2 = await handover.BindAsync(KestrelHandover.Http2);
        await using var set = Set(handover);
        var port = FreePort.Next();
        await ApplyAsync(set, Plan("a", port));
        using var one = await ConnectAsync(port);
        using var two = await ConnectAsync(port);
        await one.WriteAsync("POST / HTTP/1.1\r\n");
        await two.WriteAsync("PR");
        await two.WriteAsync("I * HTTP/2.0\r\n");

        var first = await Eventually.CompletesAsync(http1.AcceptAsync().AsTask());
        var second = await Eventually.CompletesAsync(http2.AcceptAsync().AsTask());

        Assert.StartsWith("POST", await PeekAsync(first!), StringComparison.Ordinal);
        Assert.StartsWith("PRI ", await PeekAsync(second!), StringComparison.Ordinal);
        await http1.UnbindAsync();
        Assert.Null(await http1.AcceptAsync());
        await first!.DisposeAsync();
        await second!.DisposeAsync();
    }

    private static async Task<string> PeekAsync(ConnectionContext connection)
    {
        var read = await connection.Transport.Input.ReadAsync();
        var text = Encoding.ASCII.GetString(read.Buffer.FirstSpan);
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        return text;
    }

    private static ListenerPlan Plan(string binding, params int[] ports) => new() { Binding = binding, Host = "127.0.0.1", Ports = ports };

    private static async Task ApplyAsync(ListenerSet set, params ListenerPlan[] plans)
    {
        using var prepared = await set.PrepareAsync(plans, new Dictionary<string, StreamMetrics>(), CancellationToken.None);
        await prepared.Commit().WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static async Task AssertRefusedAsync(int port)
    {
        try
        {
            using var client = await ConnectAsync(port);
            Assert.Equal("", await client.ReadAsync());
        }
        catch (SocketException)
        {
            // The reset was faster than the client.
        }
    }

    private static async Task<Client> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        return new Client(client);
    }

    private ListenerSet Set(IConnectionTarget target, string suite = "suite", ListenerOptions? options = null)
    {
        options ??= new ListenerOptions();
        (options.Suite, options.LockFolder, options.DrainTimeout) = (suite, _locks, TimeSpan.FromMilliseconds(200));
        return new ListenerSet(Options.Create(options), Options.Create(new LimitOptions()), target, TimeProvider.System, NullLogger<ListenerSet>.Instance);
    }

    /// <summary>Says what it hears.</summary>
    private sealed class Echo : IConnectionTarget
    {
        public ConcurrentBag<IListenerFeature> Features { get; } = [];

        public ConcurrentBag<Socket> Sockets { get; } = [];

        public Task TakeAsync(ConnectionContext connection, CancellationToken cancellationToken)
        {
            Features.Add(connection.Features.Get<IListenerFeature>()!);
            Sockets.Add(connection.Features.Get<IConnectionSocketFeature>()!.Socket);
            _ = RunAsync(connection);
            return Task.CompletedTask;
        }

        private static async Task RunAsync(ConnectionContext connection)
        {
            await connection.Transport.Input.CopyToAsync(connection.Transport.Output).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await connection.DisposeAsync();
        }
    }

    private sealed class Client(TcpClient client) : IDisposable
    {
        public Task WriteAsync(string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

        public async Task<string> AskAsync(string text)
        {
            await WriteAsync(text);
            return await ReadAsync();
        }

        /// <summary>What comes next; empty when the connection is closed, in whatever way.</summary>
        public async Task<string> ReadAsync()
        {
            var buffer = new byte[100];
            try
            {
                using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, deadline.Token));
            }
            catch (IOException)
            {
                return "";
            }
        }

        public void Dispose() => client.Dispose();
    }
}
