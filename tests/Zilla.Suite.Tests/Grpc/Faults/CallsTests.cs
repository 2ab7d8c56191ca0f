using Confluent.Kafka;
using Grpc.Core;
using Grpc.Net.Client;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;
using Metadata = Grpc.Core.Metadata;

namespace Zilla.Suite.Tests.Grpc.Faults;

/// <summary>grpc-kafka and kafka-grpc as one way to a service, through Kafka: all shapes of calls, and the end of each part by SIGKILL.</summary>
[Collection(FaultsCollection.Name)] // not at the same time as the others that need the machine
public sealed class CallsTests(CallsSuite suite) : IClassFixture<CallsSuite>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task AllShapes_ReachTheService_AndItsAnswerReachesTheClient()
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{suite.Port}");
        var client = new Talk.TalkClient(channel);
        var options = new CallOptions(new Metadata { { "tenant", "a" }, { "token-bin", [1, 0, 255] } }, DateTime.UtcNow + Patience);

        using var say = client.SayAsync(new() { Text = "yes" }, options);
        Assert.Equal("said yes", (await say).Text);
        Assert.Equal("hello", (await say.ResponseHeadersAsync).GetValue("greeting"));
        Assert.Equal(("a", "0100FF"), (suite.Service.Metadata.GetValue("tenant"), Convert.ToHexString(suite.Service.Metadata.GetValueBytes("token-bin")!)));

        using var count = client.Count(new() { Text = "50" }, options);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), await TextsAsync(count.ResponseStream));

        using var join = client.Join(options);
        foreach (var word in new[] { "one", "two", "", "three" })
        {
            await join.RequestStream.WriteAsync(new() { Text = word });
        }

        await join.RequestStream.CompleteAsync();
        Assert.Equal("one two  three", (await join).Text);

        using var chat = client.Chat(options);
        foreach (var word in new[] { "ping", "pong" })
        {
            await chat.RequestStream.WriteAsync(new() { Text = word });
            Assert.True(await chat.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal($"{word}!", chat.ResponseStream.Current.Text);
        }

        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(CancellationToken.None));

        var failed = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new() { Text = "fail" }, options));
        Assert.Equal((StatusCode.FailedPrecondition, "50 % für", "because"), (failed.StatusCode, failed.Status.Detail, failed.Trailers.GetValue("why")));
    }

    /// <summary>More than may wait for Kafka at once.</summary>
    [Fact]
    public async Task AnswerOfManyMegabytes_ComesWhole_AndInItsOrder()
    {
        const int Messages = 2000, Length = 20_000;
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{suite.Port}");
        using var count = new Talk.TalkClient(channel).Count(new() { Text = $"{Messages} {Length}" }, deadline: DateTime.UtcNow + Patience);
        var texts = await TextsAsync(count.ResponseStream);
        Assert.All(texts, text => Assert.Equal(Length, text.Length));
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"{i}"), texts.Select(text => text.TrimEnd()));
    }

    [Fact]
    public async Task RecordThatCannotBeACall_IsADeadLetter_AndAnsweredWithTheReason()
    {
        using var producer = new ProducerBuilder<string, byte[]?>(new ProducerConfig { BootstrapServers = suite.Broker.BootstrapServers }).Build();
        var id = Guid.NewGuid().ToString();
        Headers headers = [.. new[] { ("zilla:service", "zilla.tests.Talk"), ("zilla:method", "Say"), ("zilla:reply-to", suite.Replies), ("zilla:correlation-id", id), ("meta:tenant", "ä") }.Select(header => new Header(header.Item1, System.Text.Encoding.UTF8.GetBytes(header.Item2)))];
        await producer.ProduceAsync(suite.Requests, new() { Key = id, Value = null, Headers = headers });

        using var consumer = new ConsumerBuilder<string, byte[]?>(new ConsumerConfig { BootstrapServers = suite.Broker.BootstrapServers, GroupId = id, AutoOffsetReset = AutoOffsetReset.Earliest }).Build();
        consumer.Subscribe([suite.DeadLetters, suite.Replies]);
        var found = new Dictionary<string, string>();
        await Eventually.HoldsAsync(() =>
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } result && result.Message.Key == id)
            {
                found[result.Topic] = string.Join(' ', result.Message.Headers.Where(header => header.Key is "zilla:status" or "zilla:dead-letter-reason" or "zilla:dead-letter-topic").Select(header => System.Text.Encoding.UTF8.GetString(header.GetValueBytes())));
            }

            return found.Count == 2;
        }, Patience, $"a dead letter and an answer\n{suite.Output}");
        Assert.Equal("3", found[suite.Replies]);
        Assert.Equal($"The metadata tenant cannot be sent: it has to be printable ASCII {suite.Requests}", found[suite.DeadLetters]);
    }

    [Theory]
    [InlineData("edges")]
    [InlineData("caches")]
    [InlineData("service")]
    [InlineData("broker")]
    public async Task PartIsKilled_WhileCallsAreUnderWay_EachIsAnswered_AndHasItsEffectOnce(string part)
    {
        suite.Service.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string[] keys = [.. Enumerable.Range(0, 8).Select(call => $"{part}-{call}-{Guid.NewGuid():N}")];
        var calls = keys.Select(key => suite.InsistAsync(key, async (client, metadata) => (await client.SayAsync(new() { Text = key }, metadata)).Text)).ToList();
        await Eventually.HoldsAsync(() => keys.All(Begun), Patience, $"{keys.Length} calls have begun\n{suite.Output}");
        switch (part)
        {
            case "edges":
                foreach (var edge in suite.Edges)
                {
                    await edge.KillAsync();
                    await edge.RestartAsync();
                }

                break;
            case "caches":
                foreach (var cache in suite.Caches)
                {
                    await cache.KillAsync();
                    await cache.RestartAsync();
                }

                break;
            case "service":
                await suite.Service.DieAsync();
                await suite.Service.StartAsync();
                break;
            case "broker":
                await suite.Broker.KillAsync();
                await suite.Broker.RestartAsync();
                break;
        }

        suite.Service.Gate.SetResult();
        var answers = await Task.WhenAll(calls).WaitAsync(Patience).ContinueWith(done => done.IsCompletedSuccessfully ? done.Result : throw new InvalidOperationException($"{done.Exception?.InnerException}\n{suite.Output}"), TaskScheduler.Default);
        Assert.Equal(keys.Select(key => $"said {key}"), answers);
        Assert.All(keys, key => Assert.Single(suite.Service.Effects, effect => effect.Key.StartsWith(key, StringComparison.Ordinal)));

        bool Begun(string key) => suite.Service.Begun.Any(begun => begun.StartsWith(key, StringComparison.Ordinal));
    }

    [RequiresToolFact("node", "npm")]
    public async Task ServiceOfAnotherProcess_IsKilledUnderLoad_EachCallIsOkAtItsFirstTry_AndHasItsEffectOnce()
    {
        await using var load = await KeyedLoad.StartAsync(suite);
        for (var kill = 0; kill < 5; kill++)
        {
            await load.GoesOnAsync();
            await load.KillServiceAsync();
            await load.StartServiceAsync();
        }

        await load.GoesOnAsync();
        await load.VerifyAsync();
    }

    private static async Task<List<string>> TextsAsync(IAsyncStreamReader<Words> stream)
    {
        var texts = new List<string>();
        await foreach (var words in stream.ReadAllAsync())
        {
            texts.Add(words.Text);
        }

        return texts;
    }
}
