using System.Diagnostics;
using System.Globalization;
using System.Net;
using Xunit.Abstractions;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>Clients that do not behave, and very many that do: one edge, one cache replica. What they cost is bounded, and others do not notice.</summary>
[Collection(FaultsCollection.Name)] // not at the same time as the others that need the machine
public sealed class CrowdTests(CrowdFixture fixture, ITestOutputHelper output) : IClassFixture<CrowdFixture>
{
    private const int Megabyte = 1 << 20;

    private readonly ServiceSuite _suite = fixture.Suite;
    private readonly HttpClient _client = fixture.Client;

    private ServiceProcess Edge => _suite.Edges[0];

    [Fact]
    public async Task EventStreams_ThatNobodyReads_SlowNobodyAndTakeNoMemory_AndMissNothing()
    {
        const int Stalled = 200, Returning = 20, Records = 400, Size = 16 << 10;
        await WriteAsync(0, 1); // the topic is held before anything is measured
        List<RawHttp> stalled = [];
        using var http2 = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = _suite.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        List<HttpResponseMessage> stalledHttp2 = [];
        for (var index = 0; index < Stalled; index++)
        {
            stalled.Add(await RawHttp.ConnectAsync(_suite.Port, receiveBuffer: 4096));
            await stalled[^1].SendAsync("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
        }

        for (var index = 0; index < Returning; index++)
        {
            stalledHttp2.Add(await http2.GetAsync(new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead));
        }

        var (edge, cache) = (Edge.Memory, _suite.Caches[0].Memory);
        using var stop = new CancellationTokenSource();
        var reader = new EventReader(_client, "/events");
        var reading = reader.RunAsync(stop.Token);
        for (var record = 1; record <= Records; record++)
        {
            await WriteAsync(record, Size);
        }

        await Eventually.HoldsAsync(() => reader.Events.Any(data => data.StartsWith(Number(Records), StringComparison.Ordinal)));
        await stop.CancelAsync();
        await reading;
        Assert.Equal(1, reader.Openings);
        var (edgeGrowth, cacheGrowth) = (Edge.Memory - edge, _suite.Caches[0].Memory - cache);
        output.WriteLine($"{Stalled + Returning} readers, {Records * Size / Megabyte} MiB unread by each: edge {edgeGrowth / Megabyte:+0;-0} to {Edge.Memory / Megabyte} MiB, cache {cacheGrowth / Megabyte:+0;-0} MiB");
        Assert.InRange(edgeGrowth, long.MinValue, 250 * Megabyte); // all that was sent to all of them is 1.3 GiB
        Assert.InRange(Edge.Memory, 0, 600 * Megabyte);
        Assert.InRange(cacheGrowth, long.MinValue, 250 * Megabyte);

        var expected = reader.Events.Select(data => data[..8]).ToList();
        Assert.Equal(Enumerable.Range(1, Records).Select(Number), expected.TakeLast(Records));
        foreach (var back in stalled.Take(Returning))
        {
            Assert.Equal(expected, (await back.ReadLinesAsync("data:", expected.Count)).Select(data => data[..8]));
        }

        foreach (var back in stalledHttp2)
        {
            using var lines = new StreamReader(await back.Content.ReadAsStreamAsync());
            List<string> read = [];
            while (read.Count < expected.Count && await lines.ReadLineAsync() is { } line)
            {
                read.AddRange(line.StartsWith("data:", StringComparison.Ordinal) ? [line[5..13]] : []);
            }

            Assert.Equal(expected, read);
        }

        stalled.ForEach(client => client.Dispose());
        stalledHttp2.ForEach(response => response.Dispose());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_OfAHundredMegabytes_IsTooLarge_AndTakesNoMemory(bool chunked)
    {
        await WriteAsync(0, 1);
        var before = Edge.Memory;
        using var content = new StreamContent(new Zeros(100 * Megabyte));
        content.Headers.ContentLength = chunked ? null : 100 * Megabyte;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/items") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = false;
        using var response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("1000000", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.InRange(Edge.Memory - before, long.MinValue, 40 * Megabyte);
    }

    [Fact]
    public async Task Client_OfOneByteAtATime_IsAnswered_AndOneThatStopsHalfWayIsToldSo()
    {
        using var halting = await RawHttp.ConnectAsync(_suite.Port);
        await halting.SendAsync("GET /items/none HTTP/1.1\r\nHost: h\r\nX-Slow: ");

        using var slow = await RawHttp.ConnectAsync(_suite.Port);
        foreach (var character in "POST /items HTTP/1.1\r\nHost: h\r\nIdempotency-Key: slow\r\nContent-Length: 8\r\n\r\nslow one")
        {
            await slow.SendAsync(character.ToString());
        }

        Assert.StartsWith("HTTP/1.1 204", await slow.ReadToAsync("\r\n\r\n"), StringComparison.Ordinal);
        var halted = halting.ReadToAsync("never");
        await WriteAsync(0, 1); // others are served while it halts
        Assert.StartsWith("HTTP/1.1 408", await halted, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_TenThousandIdle_AreHeldCheaply_AndTheNextIsServed()
    {
        // Each costs this process a descriptor, and the edge one; where the limit is lower, there are fewer.
        var count = Math.Min(10_000, OpenFileLimit() - 1000);
        await WriteAsync(0, 1);
        var before = Edge.Memory;
        var idle = new RawHttp[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (index, _) =>
        {
            idle[index] = await RawHttp.ConnectAsync(_suite.Port);
            Assert.StartsWith("HTTP/1.1 404", await AskAsync(idle[index]), StringComparison.Ordinal);
        });

        var each = (Edge.Memory - before) / count;
        var started = Stopwatch.GetTimestamp();
        await WriteAsync(1, 1);
        output.WriteLine($"{count} connections, {each / 1024.0:0.#} KiB each; the next was answered within {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");
        Assert.InRange(each, long.MinValue, 64 << 10);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(30)); // not once one of them has gone

        // They are still there.
        for (var index = 0; index < count; index += count / 50)
        {
            Assert.StartsWith("HTTP/1.1 404", await AskAsync(idle[index]), StringComparison.Ordinal);
        }

        Array.ForEach(idle, client => client.Dispose());
    }

    private static async Task<string> AskAsync(RawHttp client)
    {
        await client.SendAsync("GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n");
        var head = await client.ReadToAsync("\r\n\r\n");
        await client.ReadToAsync("}");
        return head;
    }

    private static int OpenFileLimit() => int.Parse(
        File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);

    private static string Number(int record) => record.ToString("00000000", CultureInfo.InvariantCulture);

    private async Task WriteAsync(int record, int size)
    {
        using var content = new StringContent(Number(record).PadRight(size, '.'));
        using var response = await _client.PutAsync(new Uri($"/items/{record}", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    /// <summary>So many bytes, of which none is kept.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - _position);
            buffer.AsSpan(offset, read).Clear();
            _position += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
