using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Hosting;
using Zilla.DevKafka.Tests.Log;
using Zilla.DevKafka.Wire;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Listeners;

public sealed class HostileClientTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private Broker? _broker;

    private int Port => _broker!.Port;

    public async Task InitializeAsync() => _broker = await Broker.StartAsync(
        new DevKafkaOptions { Port = 0, Data = _folder.Path, MaximumConnections = 3, MaximumRequestBytes = 1 << 20 }, _time, NullLoggerFactory.Instance);

    public async Task DisposeAsync()
    {
        await _broker!.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]                                       // length -1
    [InlineData(new byte[] { 0x7F, 0xFF, 0xFF, 0xFF })]                                       // length 2 GiB
    [InlineData(new byte[] { 0, 0, 0, 0 })]                                                   // length 0
    [InlineData(new byte[] { (byte)'G', (byte)'E', (byte)'T', (byte)' ', (byte)'/' })]        // another protocol
    [InlineData(new byte[] { 0, 0, 0, 10, 0x7F, 0xFF, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF })]        // unknown API key
    [InlineData(new byte[] { 0, 0, 0, 10, 0, 3, 0, 99, 0, 0, 0, 1, 0xFF, 0xFF })]             // Metadata v99
    [InlineData(new byte[] { 0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0x7F, 0, 0, 0 })] // an array of two billion topics
    public async Task Garbage_OnOneConnection_ThatOneIsClosedTheOtherServes(byte[] garbage)
    {
        using var good = await RawClient.ConnectAsync(Port);
        using var bad = await RawClient.ConnectAsync(Port);

        await bad.SendAsync(garbage);

        Assert.True(await bad.IsClosedAsync());
        await AssertServedAsync(good);
    }

    [Fact]
    public async Task HalfOpen_PauseInsideARequest_ClosedAfterTheStallTimeout()
    {
        using var good = await RawClient.ConnectAsync(Port);
        using var half = await RawClient.ConnectAsync(Port);
        await half.SendAsync(0, 0, 0, 10, 0, 18);
        await AssertServedAsync(good);
        var closed = half.IsClosedAsync();

        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(31));
            return closed.IsCompleted;
        });

        Assert.True(await closed);
    }

    [Fact]
    public async Task Stalled_AnswersNeverRead_ClosedAfterTheStallTimeout()
    {
        using var good = await RawClient.ConnectAsync(Port);
        using var deaf = await RawClient.ConnectAsync(Port);
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            // Each answer is some hundred bytes: sooner or later the buffers between the two are full, and then the broker stops reading as well.
            while (true)
            {
                await deaf.RequestAsync(ApiKey.ApiVersions, 0, []);
                Interlocked.Increment(ref sent);
            }
        });
        var before = -1;
        await Eventually.HoldsAsync(async () =>
        {
            await AssertServedAsync(good);
            return before == (before = Volatile.Read(ref sent)) && before > 0; // full: nothing moved since the last look
        });

        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(31));
            return sending.IsCompleted;
        });

        await Assert.ThrowsAsync<IOException>(() => sending);
    }

    [Fact]
    public async Task Idle_LongerThanTheTimeout_Closed()
    {
        using var idle = await RawClient.ConnectAsync(Port);
        await AssertServedAsync(idle);
        var closed = idle.IsClosedAsync();

        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(11));
            return closed.IsCompleted;
        });

        Assert.True(await closed);
    }

    [Fact]
    public async Task Connections_AboveTheLimit_RefusedUntilOneGoes()
    {
        using var first = await RawClient.ConnectAsync(Port);
        using var second = await RawClient.ConnectAsync(Port);
        using var third = await RawClient.ConnectAsync(Port);
        await AssertServedAsync(first);
        await AssertServedAsync(second);
        await AssertServedAsync(third);
        using (var fourth = await RawClient.ConnectAsync(Port))
        {
            Assert.True(await fourth.IsClosedAsync());
        }

        third.Dispose();
        await Eventually.HoldsAsync(async () =>
        {
            using var fifth = await RawClient.ConnectAsync(Port);
            try
            {
                await AssertServedAsync(fifth);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Fetch_LongPoll_WakesWithTheAppend()
    {
        using var reader = await RawClient.ConnectAsync(Port);
        using var writer = await RawClient.ConnectAsync(Port);
        await writer.RequestAsync(ApiKey.Metadata, 1, [0, 0, 0, 1, 0, 1, (byte)'t']);
        await writer.ResponseAsync();
        // The wait would not end by itself: its clock stands.
        // replica -1 | max wait 10 min | min bytes 1 | max bytes 1 MiB | isolation 0 | [t, [0, offset 0, max bytes 1 MiB]]
        await reader.RequestAsync(ApiKey.Fetch, 4, [
            0xFF, 0xFF, 0xFF, 0xFF, 0, 9, 0x27, 0xC0, 0, 0, 0, 1, 0, 0x10, 0, 0, 0,
            0, 0, 0, 1, 0, 1, (byte)'t', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0]);
        var fetched = reader.ResponseAsync();

        // transactional id null | acks 1 | timeout | [t, [0, batch]]
        var size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, Batches.Foreign.Length);
        await writer.RequestAsync(ApiKey.Produce, 3, [0xFF, 0xFF, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, (byte)'t', 0, 0, 0, 1, 0, 0, 0, 0, .. size, .. Batches.Foreign]);
        await writer.ResponseAsync();
        var response = await fetched;

        Assert.Equal(Batches.Foreign, response[^Batches.Foreign.Length..]);
    }

    [Fact]
    public async Task Requests_Pipelined_AnsweredInOrder()
    {
        using var client = await RawClient.ConnectAsync(Port);
        var request = new byte[] { 0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF };
        var second = request.ToArray();
        second[11] = 2;
        await client.SendAsync([.. request, .. second]);

        Assert.Equal(1, (await client.ResponseAsync())[3]);
        Assert.Equal(2, (await client.ResponseAsync())[3]);
    }

    private static async Task AssertServedAsync(RawClient client)
    {
        await client.RequestAsync(ApiKey.ApiVersions, 0, []);
        var response = await client.ResponseAsync();
        Assert.Equal([0, 0, 0, 42, 0, 0], response[..6]);
    }
}
