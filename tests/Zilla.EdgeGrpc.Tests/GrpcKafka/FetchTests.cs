using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Zilla.Config.Bindings;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.GrpcKafka;

/// <summary>grpc-kafka, capability fetch (reference §4.4).</summary>
public sealed class FetchTests : IAsyncLifetime
{
    private Gateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await Gateway.StartAsync(Gateway.Fetch("zilla.tests.Things/*", "things"));

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Stream_GivesHistoryThenLive_AndResumesBehindWhatWasSeen()
    {
        var topic = _gateway.Cache.Topic("things", partitions: 2);
        Append(0, "a");
        Append(1, "b");
        byte[] progress;
        using (var call = _gateway.Things.Watch(new Everything()))
        {
            var seen = new[] { await NextAsync(call), await NextAsync(call) };
            Assert.Equal(["a", "b"], seen.Select(one => one.Text).Order());
            topic.Append(0, null, (byte[]?)null, []);
            Append(0, "c");
            var third = await NextAsync(call);
            Assert.Equal("c", third.Text);
            progress = third.Progress;
        }

        Append(1, "d");
        Assert.True(KafkaProgress.TryDecode(progress, out var resumed));
        Assert.Equal((3L, 1L), (resumed[0], resumed[1]));
        using var again = _gateway.Things.Watch(new Everything(), new Metadata { { "last-message-id", resumed.ToBase64Url() } });
        Assert.Equal("d", (await NextAsync(again)).Text);

        void Append(int partition, string text) => topic.Append(partition, null, new Everything { AString = text }.ToByteArray(), []);
    }

    [Fact]
    public async Task Stream_OfATopicWithoutRecords_BeginsAtOnce()
    {
        _gateway.Cache.Topic("things");
        using var call = _gateway.Things.Watch(new Everything());
        await Eventually.CompletesAsync(call.ResponseHeadersAsync);
    }

    [Fact]
    public async Task Stream_HasWhatOneOfTheFiltersTakes_AndItsProgressPassesOverTheRest()
    {
        await using var gateway = await Gateway.StartAsync(new GrpcKafkaRoute
        {
            Exit = "cache",
            Fetch = new() { Topic = "some", Filters = [new() { Key = "a" }, new() { Key = "b", Headers = new Dictionary<string, string> { ["kind"] = "x" } }] },
        });
        var topic = gateway.Cache.Topic("some");
        Append("a", "1", "y");
        Append("b", "2", "y");
        Append("b", "3", "x");
        using var call = gateway.Things.Watch(new Everything());
        Assert.Equal("1", (await NextAsync(call)).Text);
        Assert.Equal("3", (await NextAsync(call)).Text);
        Append("c", "4", "x");
        Append("a", "5", "y");
        var (text, progress) = await NextAsync(call);
        Assert.Equal("5", text);
        Assert.True(KafkaProgress.TryDecode(progress, out var behind));
        Assert.Equal(5, behind[0]);

        void Append(string key, string text, string kind) => topic.Append(0, Encoding.UTF8.GetBytes(key), new Everything { AString = text }.ToByteArray(), [new("kind"u8.ToArray(), Encoding.UTF8.GetBytes(kind))]);
    }

    [Theory]
    [InlineData("AQIA-AE=")]
    [InlineData("AQIA-AE")]
    [InlineData("AQIA+AE=")]
    public async Task Progress_IsTakenInEitherAlphabet_AndWithoutPadding(string behindThe124th)
    {
        var topic = _gateway.Cache.Topic("things");
        for (var number = 1; number <= 125; number++)
        {
            topic.Append(0, null, new Everything { AnInt32 = number }.ToByteArray(), []);
        }

        Assert.Equal(125, (await _gateway.Things.GetAsync(new Everything(), new Metadata { { "last-message-id", behindThe124th } })).AnInt32);
    }

    [Fact]
    public async Task Record_ThatIsNoMessage_EndsTheJson_AndSaysHowToGoOnBehindIt()
    {
        var topic = _gateway.Cache.Topic("things");
        topic.Append(0, null, new Everything { AString = "a" }.ToByteArray(), []);
        topic.Append(0, null, [0xFF, 0xFF], []);
        topic.Append(0, null, new Everything { AString = "c" }.ToByteArray(), []);
        var behind = KafkaProgress.Of(0, 2).ToBase64Url();
        using var answer = await _gateway.Http.PostAsync(_gateway.Address + "/zilla.tests.Things/Watch", new StringContent("", Encoding.UTF8, "application/json"));
        Assert.Contains($"last-message-id {behind} goes on behind that record", (await answer.Content.ReadAsStringAsync()).Split('\n')[1], StringComparison.Ordinal);
        using var call = _gateway.Things.Watch(new Everything(), new Metadata { { "last-message-id", behind } });
        Assert.Equal("c", (await NextAsync(call)).Text);
    }

    [Fact]
    public async Task Unary_GivesTheFirst()
    {
        _gateway.Cache.Topic("things").Append(0, null, new Everything { AnInt32 = 7 }.ToByteArray(), []);
        Assert.Equal(7, (await _gateway.Things.GetAsync(new Everything())).AnInt32);
    }

    [Fact]
    public async Task Request_WithContentOrAProgressThatIsNone_IsRefused()
    {
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(async () => await _gateway.Things.GetAsync(new Everything { AString = "x" }))).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(async () => await _gateway.Things.GetAsync(new Everything(), new Metadata { { "last-message-id", "*" } }))).StatusCode);
    }

    /// <summary>Field 32767 is not in the schema: Google's client keeps it among what it does not know.</summary>
    private static async Task<(string Text, byte[] Progress)> NextAsync(AsyncServerStreamingCall<Everything> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20)));
        var message = call.ResponseStream.Current;
        using var input = new CodedInputStream(message.ToByteArray());
        var progress = Array.Empty<byte>();
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 32767)
            {
                progress = input.ReadBytes().ToByteArray();
            }
            else
            {
                input.SkipLastField();
            }
        }

        return (message.AString, progress);
    }
}
