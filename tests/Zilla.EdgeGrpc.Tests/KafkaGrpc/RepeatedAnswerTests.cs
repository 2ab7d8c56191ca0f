using Grpc.Core;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.EdgeGrpc.Tests.Upstream;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.KafkaGrpc;

/// <summary>A client, grpc-kafka, topics, kafka-grpc, a service; and a call that is begun anew when a part of its answer is written already.</summary>
public sealed class RepeatedAnswerTests : IAsyncLifetime
{
    private const string End = "(end)";

    private Gateway _gateway = null!;
    private ThingsService _service = null!;
    private WorkSource _work = null!;
    private CallMaker _edge = null!;

    private FakeTopic Requests => _gateway.Cache.Topic("requests");
    private FakeTopic Replies => _gateway.Cache.Topic("replies");

    public async Task InitializeAsync()
    {
        _service = await ThingsService.StartAsync();
        _gateway = await Gateway.StartAsync(Gateway.Produce("zilla.tests.Things/*", "requests", "replies"));
        _ = (Requests, Replies);
        _work = new WorkSource(_gateway.Cache);
        _edge = new CallMaker(_gateway.Cache, _service.Port);
        await _work.OpenedAsync();
    }

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("edge")]
    [InlineData("stream")]
    [InlineData("lane")]
    public async Task PartOfTheAnswerComesAgain_ClientGetsEachMessageOnce_AndTheEnd(string lost)
    {
        using var call = _gateway.Things.Talk(new Metadata { { "idempotency-key", lost } });
        await AskAsync(call, "a", "b");
        await GiveAsync(2);
        Assert.Equal(["a", "b"], [await NextAsync(call), await NextAsync(call)]);
        switch (lost)
        {
            case "edge":
                await _edge.DisposeAsync();
                _edge = new CallMaker(_gateway.Cache, _service.Port);
                break;
            case "stream":
                _work.Lose();
                break;
            default:
                await _gateway.Cache.CutAsync();
                break;
        }

        await _work.OpenedAsync();
        await AskAsync(call, "c", "fail");
        await call.RequestStream.CompleteAsync();
        await GiveAsync(5);
        Assert.Equal("c", await NextAsync(call));
        var end = await Assert.ThrowsAsync<RpcException>(() => NextAsync(call));
        Assert.Equal((StatusCode.FailedPrecondition, "50 % für", "because"), (end.StatusCode, end.Status.Detail, end.Trailers.GetValue("why")));

        Assert.Equal(["a", "b", "a", "b", "c", End], Replies.Records(0).Select(record => record.Value is null ? End : Everything.Parser.ParseFrom(record.Value).AString));
        var ids = _service.Calls.Select(made => made.Metadata.GetValue("idempotency-key")).ToList();
        Assert.Equal(2, ids.Count);
        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task WholeAnswerComesAgain_ClientsGetIt_AsItWasTheFirstTime()
    {
        var metadata = new Metadata { { "idempotency-key", "whole" } };
        using (var first = _gateway.Things.Talk(metadata))
        {
            await AskAsync(first, "a", "b");
            await first.RequestStream.CompleteAsync();
            await GiveAsync(3);
            Assert.Equal(["a", "b"], [await NextAsync(first), await NextAsync(first)]);
            Assert.Equal(End, await NextAsync(first));
        }

        // The replica did not learn of it.
        await _work.DoneAsync();
        _work.Lose();
        await _work.OpenedAsync();
        await GiveAsync(3);
        await _work.DoneAsync(2);
        Assert.Equal(6, Replies.End(0));

        using var second = _gateway.Things.Talk(metadata);
        await AskAsync(second, "a", "b");
        Assert.Equal(["a", "b"], [await NextAsync(second), await NextAsync(second)]);
        Assert.Equal(End, await NextAsync(second));
        Assert.Equal(StatusCode.OK, second.GetStatus().StatusCode);
        Assert.Equal(3, Requests.End(0));
    }

    private static async Task AskAsync(AsyncDuplexStreamingCall<Everything, Everything> call, params string[] texts)
    {
        try
        {
            foreach (var text in texts)
            {
                await call.RequestStream.WriteAsync(new Everything { AString = text });
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled)
        {
            // So the client library says of a call whose answer, there before, was over before it could write: what it was is read.
        }
    }

    /// <summary>The next message's text; <see cref="End"/> behind the last.</summary>
    private static async Task<string> NextAsync(AsyncDuplexStreamingCall<Everything, Everything> call) =>
        await Eventually.CompletesAsync(call.ResponseStream.MoveNext(CancellationToken.None)) ? call.ResponseStream.Current.AString : End;

    /// <summary>Gives the edge the call from its beginning, as far as it is in the topic, which is so many records.</summary>
    private async Task GiveAsync(int count)
    {
        await Eventually.HoldsAsync(() => Requests.End(0) == count, what: $"{count} records are in the topic");
        await _work.GiveAsync(1, true, [.. Requests.Records(0)]);
    }
}
