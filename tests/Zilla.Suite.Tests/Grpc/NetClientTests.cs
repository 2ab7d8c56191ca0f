using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>Grpc.Net.Client calls a service of kafkajs behind two topics.</summary>
[Collection(GrpcCollection.Name)]
public sealed class NetClientTests : IClassFixture<GrpcService>, IDisposable
{
    private const int Messages = 100, Message = 1 << 20, Large = 4_000_000;

    private readonly GrpcSuite _suite;
    private readonly GrpcChannel _channel;
    private readonly Calls.CallsClient _calls;

    public NetClientTests(GrpcSuite suite)
    {
        _suite = suite;
        _channel = GrpcChannel.ForAddress($"http://{suite.Address}");
        _calls = new Calls.CallsClient(_channel);
    }

    private static DateTime Deadline => DateTime.UtcNow.AddMinutes(1);

    public void Dispose() => _channel.Dispose();

    [RequiresToolFact("node", "npm")]
    public async Task Shapes_AllFour_AreAnswered()
    {
        Assert.Equal("a!", (await _calls.AskAsync(new() { Text = "a" }, deadline: Deadline)).Text);

        using var collecting = _calls.Collect(deadline: Deadline);
        await collecting.RequestStream.WriteAsync(new() { Text = "a" });
        await collecting.RequestStream.WriteAsync(new() { Text = "b" });
        await collecting.RequestStream.CompleteAsync();
        Assert.Equal("a,b", (await collecting).Text);

        using var listing = _calls.List(new() { Count = 3 }, deadline: Deadline);
        Assert.Equal(["0", "1", "2"], await listing.ResponseStream.ReadAllAsync().Select(answer => answer.Text).ToListAsync());

        using var talking = _calls.Talk(deadline: Deadline);
        foreach (var word in new[] { "a", "b" })
        {
            await talking.RequestStream.WriteAsync(new() { Text = word });
            Assert.True(await talking.ResponseStream.MoveNext());
            Assert.Equal($"{word}!", talking.ResponseStream.Current.Text);
        }

        await talking.RequestStream.CompleteAsync();
        Assert.False(await talking.ResponseStream.MoveNext());
    }

    [RequiresToolFact("node", "npm")]
    public async Task Deadline_AndCancellation_EndTheCallEverywhere()
    {
        using var late = _calls.List(new() { Text = "endless", Count = 1 }, deadline: DateTime.UtcNow.AddSeconds(1));
        Assert.Equal(StatusCode.DeadlineExceeded, await StatusAsync(late));

        using var cancelled = new CancellationTokenSource();
        using var given = _calls.List(new() { Text = "endless", Count = 1 }, deadline: Deadline, cancellationToken: cancelled.Token);
        Assert.True(await given.ResponseStream.MoveNext());
        await cancelled.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, await StatusAsync(given));
        await _suite.EndedAsync();
    }

    [RequiresToolFact("node", "npm")]
    public async Task Error_HasItsDetails()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await _calls.AskAsync(new() { Text = "fail" }, deadline: Deadline));
        Assert.Equal((StatusCode.FailedPrecondition, "not now: ü"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("080912036E6F77", Convert.ToHexString(failure.Trailers.GetValueBytes("grpc-status-details-bin")!));
    }

    [RequiresToolFact("node", "npm")]
    public async Task Metadata_GoBothWays()
    {
        using var call = _calls.AskAsync(new() { Text = "x" }, new Metadata { { "echo-text", "blue" }, { "echo-bytes-bin", [0, 255, 10] } }, Deadline);
        await call;
        foreach (var received in new[] { await call.ResponseHeadersAsync, call.GetTrailers() })
        {
            Assert.Equal("blue", received.GetValue("echo-text"));
            Assert.Equal([0, 255, 10], received.GetValueBytes("echo-bytes-bin")!);
        }
    }

    [RequiresToolFact("node", "npm")]
    public async Task Messages_OfFourMegabytes_AndAHundredMegabytesBothWaysAtOnce_ArriveWhole()
    {
        var large = UnsafeByteOperations.UnsafeWrap(Enumerable.Repeat((byte)7, Large).ToArray());
        Assert.Equal(large, (await _calls.AskAsync(new() { Payload = large }, deadline: Deadline)).Payload);

        using var talk = _calls.Talk(deadline: Deadline);
        var writing = WriteAsync(talk.RequestStream);
        var count = 0;
        await foreach (var answer in talk.ResponseStream.ReadAllAsync())
        {
            Assert.Equal((Message, $"{count}!"), (answer.Payload.Length, answer.Text));
            Assert.Equal(-1, answer.Payload.Span.IndexOfAnyExcept((byte)count));
            count++;
        }

        await writing;
        Assert.Equal(Messages, count);
    }

    private static async Task WriteAsync(IClientStreamWriter<Question> requests)
    {
        for (var number = 0; number < Messages; number++)
        {
            var payload = new byte[Message];
            Array.Fill(payload, (byte)number);
            await requests.WriteAsync(new() { Text = $"{number}", Payload = UnsafeByteOperations.UnsafeWrap(payload) });
        }

        await requests.CompleteAsync();
    }

    private static async Task<StatusCode> StatusAsync(AsyncServerStreamingCall<Answer> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext())
            {
            }
        });
        return failure.StatusCode;
    }
}
