using System.Net.Http.Headers;
using Grpc.Core;
using Zilla.EdgeGrpc.Protos.Health;
using Zilla.Streams;
using Zilla.Streams.V1;
using ServingStatus = Zilla.EdgeGrpc.Protos.Health.HealthCheckResponse.Types.ServingStatus;
using StatusCode = Grpc.Core.StatusCode;

namespace Zilla.EdgeGrpc.Tests.Services;

/// <summary>grpc.health.v1: what load balancers and people ask.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private const string Things = "zilla.tests.Things";

    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync(Gateway.Fetch("*/Get", "things"), Gateway.Produce("*/Upload", "uploads"));
        _gateway.Cache.Topic("things");
        _gateway.Cache.Topic("uploads");
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData(Things)]
    [InlineData("grpc.health.v1.Health")]
    public async Task Check_IsServing_WhileKafkaCanBeReached(string service) => Assert.Equal(ServingStatus.Serving, await CheckAsync(service));

    [Fact]
    public async Task Check_OfAServiceThatIsNotThere_IsNotFound() =>
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => CheckAsync("zilla.tests.Nope"))).StatusCode);

    [Fact]
    public async Task Check_OfAServiceThatNoRouteTakes_IsNotFound()
    {
        await using var gateway = await Gateway.StartAsync(Gateway.Fetch("other.Service/*", "things"));
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => CheckAsync(Things, gateway))).StatusCode);
    }

    [Fact]
    public async Task Check_IsNotServing_WhileTheClusterRefuses()
    {
        _gateway.Cache.Refusal = new StreamBrokenException(Cause.Unavailable, "Kafka is away.");
        Assert.Equal((ServingStatus.NotServing, ServingStatus.NotServing), (await CheckAsync(Things), await CheckAsync("")));
        Assert.Equal(ServingStatus.Serving, await CheckAsync("grpc.health.v1.Health"));
    }

    [Fact]
    public async Task Check_IsNotServing_WithoutTheCache()
    {
        _gateway.Cache.IsConnected = false;
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(Things));
    }

    [Fact]
    public async Task Check_InJson()
    {
        using var content = new StringContent("{}", MediaTypeHeaderValue.Parse("application/json"));
        using var answer = await _gateway.Http.PostAsync(_gateway.Address + "/grpc.health.v1.Health/Check", content);
        Assert.Equal("""{"status":"SERVING"}""", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Watch_TellsEachChange()
    {
        using var call = _gateway.Channel.CreateCallInvoker().AsyncServerStreamingCall(Methods.Watch, null, default, new HealthCheckRequest { Service = Things });
        Assert.Equal(ServingStatus.Serving, await NextAsync());
        _gateway.Cache.Refusal = new StreamBrokenException(Cause.Unavailable, "Kafka is away.");
        Assert.Equal(ServingStatus.NotServing, await NextAsync());
        _gateway.Cache.Refusal = null;
        Assert.Equal(ServingStatus.Serving, await NextAsync());

        async Task<ServingStatus> NextAsync() => await call.ResponseStream.MoveNext(default) ? call.ResponseStream.Current.Status : ServingStatus.Unknown;
    }

    [Fact]
    public async Task Watch_OfAServiceThatIsNotThere_SaysSoAndStays()
    {
        using var call = _gateway.Channel.CreateCallInvoker().AsyncServerStreamingCall(Methods.Watch, null, default, new HealthCheckRequest { Service = "zilla.tests.Nope" });
        Assert.True(await call.ResponseStream.MoveNext(default));
        Assert.Equal(ServingStatus.ServiceUnknown, call.ResponseStream.Current.Status);
        Assert.False(call.ResponseStream.MoveNext(default).IsCompleted);
    }

    private Task<ServingStatus> CheckAsync(string service) => CheckAsync(service, _gateway);

    private static async Task<ServingStatus> CheckAsync(string service, Gateway gateway) =>
        (await gateway.Channel.CreateCallInvoker().AsyncUnaryCall(Methods.Check, null, default, new HealthCheckRequest { Service = service })).Status;
}
