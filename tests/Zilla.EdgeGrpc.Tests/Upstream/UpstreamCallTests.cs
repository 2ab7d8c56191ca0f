using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;
using Zilla.Edge.Calls;
using Zilla.Edge.Listeners;
using Zilla.Edge.Tls;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.EdgeGrpc.Upstream;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.Upstream;

/// <summary>Calls to a service that was not written for this: what goes, what comes, and how they end.</summary>
public sealed class UpstreamCallTests : IAsyncLifetime
{
    private const string Service = "zilla.tests.Things";

    private readonly string _folder = Directory.CreateTempSubdirectory("upstream-").FullName;
    private ThingsService _service = null!;

    public async Task InitializeAsync() => _service = await ThingsService.StartAsync();

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Unary_MetadataBothWays()
    {
        Metadatum[] metadata = [new("tenant", "a"u8.ToArray()), new("token-bin", new byte[] { 0, 200 }), new("te", "nonsense"u8.ToArray()), new("grpc-timeout", "1S"u8.ToArray())];
        await using var call = await Channel().StartAsync(Service, "Get", metadata, CancellationToken.None, TimeSpan.FromMinutes(1));
        await call.WriteAsync(new Everything { AString = "x" }.ToByteArray());
        await call.CompleteAsync();
        Assert.True(await call.ReadAsync());
        Assert.Equal("x", Everything.Parser.ParseFrom(call.Message.Span).AString);
        Assert.Equal([("greeting", "hello"), ("bytes-bin", "\0\u0001\u00FF")], call.Headers.Select(Show));
        Assert.False(await call.ReadAsync());
        Assert.Equal(Status.Ok, call.Status);
        Assert.Equal([("goodbye", "now"), ("rest-bin", "\t")], call.Trailers.Select(Show));
        Assert.True(_service.Calls.TryDequeue(out var seen));
        Assert.Equal("a", seen.Metadata.GetValue("tenant"));
        Assert.Equal([0, 200], seen.Metadata.GetValueBytes("token-bin")!);
        Assert.InRange(seen.Deadline, DateTime.UtcNow, DateTime.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task Error_HasItsWordsAndItsTrailers()
    {
        await using var call = await Channel().StartAsync(Service, "Watch", [], CancellationToken.None);
        await call.WriteAsync(new Everything { AString = "fail" }.ToByteArray());
        await call.CompleteAsync();
        Assert.False(await call.ReadAsync());
        Assert.Equal(new(StatusCode.FailedPrecondition, "50 % für"), call.Status);
        Assert.Equal([("grpc-status-details-bin", "\u0001\u0002\u0003"), ("why", "because")], call.Trailers.Select(Show).Order());
    }

    [Fact]
    public async Task Talk_IsFullDuplex()
    {
        await using var call = await Channel().StartAsync(Service, "Talk", [], CancellationToken.None);
        Assert.True(await call.BeginAsync(), $"{call.Status}");
        Assert.Equal(("greeting", "hello"), Show(call.Headers.Single()));
        foreach (var size in (int[])[0, 10, 100_000, 3_000_000])
        {
            await call.WriteAsync(new Everything { SomeBytes = ByteString.CopyFrom(new byte[size]) }.ToByteArray());
            Assert.True(await call.ReadAsync());
            Assert.Equal(size, Everything.Parser.ParseFrom(call.Message.Span).SomeBytes.Length);
        }

        await call.CompleteAsync();
        Assert.False(await call.ReadAsync());
        Assert.Equal(Status.Ok, call.Status);
    }

    [Fact]
    public async Task Message_LargerThanAllowed_EndsTheCall()
    {
        await using var call = await Channel(maximum: 1000).StartAsync(Service, "Talk", [], CancellationToken.None);
        await call.WriteAsync(new Everything { AString = Convert.ToBase64String(new byte[1000]) + "y" }.ToByteArray());
        Assert.False(await call.ReadAsync());
        Assert.Equal(StatusCode.ResourceExhausted, call.Status.Code);
    }

    [Fact]
    public async Task Message_ThatDoesNotFitWithAllTheOthers_EndsTheCall()
    {
        var budget = new MessageBudget(3 * MessageBudget.Step);
        await using (var call = await Channel(budget: budget).StartAsync(Service, "Watch", [], CancellationToken.None))
        {
            await call.WriteAsync(new Everything { AnInt64 = 1, AnInt32 = 4 * MessageBudget.Step }.ToByteArray());
            await call.CompleteAsync();
            Assert.False(await call.ReadAsync());
            Assert.Equal(StatusCode.ResourceExhausted, call.Status.Code);
        }

        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public async Task Cancel_IsToldToTheService()
    {
        using var cancel = new CancellationTokenSource();
        var call = await Channel().StartAsync(Service, "Watch", [], cancel.Token);
        await call.WriteAsync(new Everything { AString = "wait" }.ToByteArray());
        await call.CompleteAsync();
        var reading = call.ReadAsync();
        await Eventually.HoldsAsync(() => !_service.Calls.IsEmpty);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
        await call.DisposeAsync();
        await _service.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Dispose_BeforeTheEnd_IsToldToTheService()
    {
        var call = await Channel().StartAsync(Service, "Talk", [], CancellationToken.None);
        await call.WriteAsync(new Everything { AString = "wait" }.ToByteArray());
        Assert.True(await call.BeginAsync());
        await Eventually.HoldsAsync(() => !_service.Calls.IsEmpty);
        await call.DisposeAsync();
        await _service.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Service_ThatIsNotThere_IsUnavailable()
    {
        await using var call = await Channel(FreePort.Next()).StartAsync(Service, "Get", [], CancellationToken.None);
        await call.WriteAsync(new byte[10]);
        Assert.False(await call.ReadAsync());
        Assert.Equal(StatusCode.Unavailable, call.Status.Code);
        Assert.Contains("Connection refused", call.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_ThatDies_IsUnavailable()
    {
        await using var call = await Channel().StartAsync(Service, "Talk", [], CancellationToken.None);
        await call.WriteAsync(new Everything { ABool = true }.ToByteArray());
        Assert.True(await call.ReadAsync());
        await _service.DieAsync();
        Assert.False(await call.ReadAsync());
        Assert.Equal(StatusCode.Unavailable, call.Status.Code);
    }

    [Theory]
    [InlineData(100, 10, "The call has more metadata than are sent to services: 108 headers, of which there may be 100.")]
    [InlineData(1, 40_000, "bytes of headers, of which there may be 32768.")]
    [InlineData(1, 20_000, "The call has more metadata than the service takes")]
    public async Task MetadataThatAreTooMuch_EndTheirCall_AndNoOther(int count, int size, string words)
    {
        await using var service = await ThingsService.StartAsync(headers: 16 << 10);
        var channel = Channel(service.Port);
        await using var other = await channel.StartAsync(Service, "Talk", [], CancellationToken.None);
        Assert.True(await other.BeginAsync());
        var metadata = Enumerable.Range(0, count).Select(i => new Metadatum($"name-{i}", Encoding.ASCII.GetBytes(new string('x', size))));
        await using var call = await channel.StartAsync(Service, "Get", metadata, CancellationToken.None);
        await call.WriteAsync(Array.Empty<byte>());
        await call.CompleteAsync();
        Assert.False(await call.ReadAsync());
        Assert.Equal(StatusCode.ResourceExhausted, call.Status.Code);
        Assert.Contains(words, call.Status.Message, StringComparison.Ordinal);
        await other.WriteAsync(Array.Empty<byte>());
        Assert.True(await other.ReadAsync(), $"{other.Status}");
        Assert.Single(service.Calls);
    }

    [Fact]
    public async Task TrailersThatAreTooMuch_EndTheirCall_AndNoOther()
    {
        _service.BeforeAnswer = (request, _) => request.ABool ? throw new Grpc.Core.RpcException(new(Grpc.Core.StatusCode.Aborted, new string('x', 2 << 20))) : Task.CompletedTask;
        var channel = Channel();
        await using var other = await channel.StartAsync(Service, "Talk", [], CancellationToken.None);
        Assert.True(await other.BeginAsync());
        foreach (var method in (string[])["Watch", "Talk"])
        {
            await using var call = await channel.StartAsync(Service, method, [], CancellationToken.None);
            await call.WriteAsync(new Everything { ABool = true }.ToByteArray());
            await call.CompleteAsync();
            Assert.False(await call.ReadAsync());
            Assert.Equal(new(StatusCode.ResourceExhausted, "The service answered with more than 1048576 bytes of headers or trailers."), call.Status);
        }

        await other.WriteAsync(Array.Empty<byte>());
        Assert.True(await other.ReadAsync(), $"{other.Status}");
    }

    [Theory]
    [InlineData("nothing", 12, "HTTP status 404")]
    [InlineData("plain", 2, "which is not gRPC's")]
    public async Task Server_ThatIsNoService_IsToldByItsHttp(string path, int code, string words)
    {
        await using var call = await Channel().StartAsync(path, "Method", [], CancellationToken.None);
        await call.CompleteAsync();
        Assert.False(await call.ReadAsync());
        Assert.Equal((StatusCode)code, call.Status.Code);
        Assert.Contains(words, call.Status.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, "localhost", 0)]
    [InlineData(false, true, "localhost", 14)]
    [InlineData(true, false, "localhost", 14)]
    [InlineData(true, true, "other.example", 14)]
    public async Task Tls_NeedsTrustACertificateAndTheName(bool trusted, bool shows, string name, int expected)
    {
        var (authority, other) = (new TestAuthority("mine"), new TestAuthority("other"));
        await using var service = await ThingsService.StartAsync(authority.Issue("localhost"), wantsCertificate: true);
        TestAuthority.Store(Path.Combine(_folder, "trust.p12"), "p", ("ca", trusted ? authority.Public : other.Public));
        TestAuthority.Store(Path.Combine(_folder, "keys.p12"), "p", ("me", other.Issue("client")));
        var channel = Channel(service.Port, tls: new TlsClientBinding
        {
            Name = "tls",
            Exit = "tcp",
            Vault = "vault",
            Trust = ["ca"],
            TrustCaCerts = false,
            Keys = shows ? ["me"] : [],
            ServerNames = [name],
        });
        await using var call = await channel.StartAsync(Service, "Get", [], CancellationToken.None);
        await call.WriteAsync(Array.Empty<byte>());
        await call.CompleteAsync();
        while (await call.ReadAsync())
        {
        }

        Assert.True((StatusCode)expected == call.Status.Code, $"{call.Status}");
    }

    [Fact]
    public async Task Tls_CertificateIsForWhomTheTlsClientNames_WhoeverIsAddressed()
    {
        var authority = new TestAuthority("mine");
        await using var service = await ThingsService.StartAsync(authority.Issue("localhost"));
        var host = "";
        service.BeforeAnswer = (_, context) =>
        {
            host = context.Host;
            return Task.CompletedTask;
        };
        TestAuthority.Store(Path.Combine(_folder, "trust.p12"), "p", ("ca", authority.Public));
        TestAuthority.Store(Path.Combine(_folder, "keys.p12"), "p", ("me", authority.Issue("client")));
        var channel = Channel(service.Port, authority: "things.example", tls: new TlsClientBinding { Name = "tls", Exit = "tcp", Vault = "vault", Trust = ["ca"], TrustCaCerts = false, ServerNames = ["localhost"] });
        await using var call = await channel.StartAsync(Service, "Get", [], CancellationToken.None);
        await call.WriteAsync(Array.Empty<byte>());
        await call.CompleteAsync();
        while (await call.ReadAsync())
        {
        }

        Assert.True(call.Status.IsOk, $"{call.Status}");
        Assert.Equal("things.example", host);
    }

    [Fact]
    public void Targets_OfPlansThatSayTheSame_AreTheSame()
    {
        Assert.Equal(Channel(authority: "a").Target, Channel(authority: "a").Target);
        Assert.NotEqual(Channel(authority: "a").Target, Channel(authority: "b").Target);
        Assert.NotEqual(Channel(authority: "a").Target, Channel().Target);
    }

    private static (string, string) Show(Metadatum metadatum) => (metadatum.Name, Encoding.Latin1.GetString(metadatum.Value.Span));

    private UpstreamChannel Channel(int? port = null, int maximum = GrpcServerBinding.DefaultMaxMessage, TlsClientBinding? tls = null, MessageBudget? budget = null, string? authority = null)
    {
        var state = new TlsState(Options.Create(new ListenerOptions()), TimeProvider.System, NullLogger<TlsState>.Instance);
        var client = new GrpcClientBinding { Name = "grpc", Exit = "http", MaxMessage = maximum };
        VaultStore Store(string name) => new() { Path = Path.Combine(_folder, name + ".p12"), Password = "p" };
        var plan = new ServicePlan
        {
            Revision = 1,
            Namespace = "tests",
            Vaults = tls is null ? [] : [new FilesystemVault { Name = "vault", Keys = Store("keys"), Trust = Store("trust") }],
            Bindings =
            [
                client, new HttpClientBinding { Name = "http", Exit = tls is null ? "tcp" : "tls", Overrides = authority is null ? null : new Dictionary<string, string> { [":authority"] = authority } }, .. tls is null ? (BindingConfig[])[] : [tls],
                new TcpClientBinding { Name = "tcp", Host = "127.0.0.1", Ports = [port ?? _service.Port] },
            ],
        };
        state.Swap(TlsState.Prepare(plan));
        return new UpstreamChannels(state, Options.Create(new UpstreamOptions()), budget ?? new(long.MaxValue)).Get(UpstreamTargets.Of(plan, client, "http"));
    }
}
