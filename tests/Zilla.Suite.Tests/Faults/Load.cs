using System.Net;
using System.Text;
using System.Text.Json;
using Zilla.KafkaCache.Tests;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>
/// Clients of a quickstart that write and read without pause while its processes come and go: HTTP/1.1 with connections kept open, HTTP/2, event
/// streams; and the proof of what they were promised.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Step = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ServiceSuite _suite;
    private readonly string _topic;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly HttpClient _http1;
    private readonly HttpClient _http2;
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly CancellationTokenSource _stopReading = new();
    private readonly Task _writing;
    private readonly Task _reading;

    public Load(ServiceSuite suite, string topic)
    {
        (_suite, _topic) = (suite, topic);
        _http1 = Client(HttpVersion.Version11);
        _http2 = Client(HttpVersion.Version20);
        Http1 = [new(_http1, $"{_run}-a"), new(_http1, $"{_run}-b")];
        Http2 = [new(_http2, $"{_run}-c"), new(_http2, $"{_run}-d")];
        Readers = [.. Enumerable.Range(0, 4).Select(_ => new EventReader(_http1, "/events"))];
        _writing = Task.WhenAll(Writers.Select(writer => writer.RunAsync(_stopWriting.Token)));
        _reading = Task.WhenAll(Readers.Select(reader => reader.RunAsync(_stopReading.Token)));
    }

    public Writer[] Http1 { get; }
    public Writer[] Http2 { get; }
    public Writer[] Writers => [.. Http1, .. Http2];
    public EventReader[] Readers { get; }

    /// <summary>Every writer is answered and every reader gets something new.</summary>
    public async Task GoesOnAsync(string after)
    {
        int[] written = [.. Writers.Select(writer => writer.Acknowledged.Count)];
        int[] read = [.. Readers.Select(reader => reader.Events.Count)];
        await Eventually.HoldsAsync(
            () => Writers.Index().All(w => w.Item.Acknowledged.Count >= written[w.Index] + Step) && Readers.Index().All(r => r.Item.Events.Count >= read[r.Index] + Step),
            Patience, $"it goes on after {after}; refusals: {string.Join('\n', Writers.SelectMany(w => w.Refusals).TakeLast(3))}");
    }

    /// <summary>Ends the writing and checks that nothing acknowledged is lost, and that every reader has got everything, in order and once.</summary>
    public async Task VerifyAsync()
    {
        await _stopWriting.CancelAsync();
        await _writing;
        var records = Records().FindAll(record => IsOurs(record.Value));
        var keys = records.Select(record => record.Value).ToHashSet();
        string[] acknowledged = [.. Writers.SelectMany(writer => writer.Acknowledged).Select(key => $"\"{key}\"")];
        Assert.Empty(acknowledged.Except(keys));
        await Eventually.HoldsAsync(() => Array.TrueForAll(Readers, reader => keys.IsSubsetOf(reader.Events)), Patience);
        var partitions = records.GroupBy(record => record.Partition).ToDictionary(p => p.Key, p => p.Select(record => record.Value).ToList());
        var placed = records.GroupBy(record => record.Value).ToDictionary(r => r.Key, r => r.First().Partition);
        foreach (var reader in Readers)
        {
            foreach (var read in reader.Events.Where(IsOurs).GroupBy(value => placed[value]))
            {
                AssertFollows([.. read], partitions[read.Key]);
            }
        }

        // What was written twice, as its first answer was lost, is there once for whoever reads the latest of each key.
        using var json = JsonDocument.Parse(await _http1.GetStringAsync(new Uri("/items", UriKind.Relative)));
        string[] latest = [.. json.RootElement.EnumerateArray().Select(item => item.GetRawText()).Where(IsOurs)];
        Assert.Equal(keys.Order(StringComparer.Ordinal), latest.Order(StringComparer.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopWriting.CancelAsync();
        await _stopReading.CancelAsync();
        await _writing;
        await _reading;
        _http1.Dispose();
        _http2.Dispose();
    }

    /// <summary>In order and each once, and nothing left out but what a later record of its key has made void: the topic is compacted.</summary>
    private static void AssertFollows(List<string> read, List<string> records)
    {
        // From the end: of records that are written twice, it is the later one that must be there.
        var left = read.Count;
        for (var index = records.Count - 1; index >= 0; index--)
        {
            if (left > 0 && read[left - 1] == records[index])
            {
                left--;
            }
            else
            {
                Assert.True(records.IndexOf(records[index], index + 1) >= 0, $"{records[index]} was left out or is out of order");
            }
        }

        Assert.Equal(0, left);
    }

    /// <summary>The topic may hold what other tests wrote.</summary>
    private bool IsOurs(string value) => value.StartsWith($"\"{_run}-", StringComparison.Ordinal);

    private HttpClient Client(Version version) => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = _suite.Address,

        // An edge cannot tell a client that waits for a response from one that has gone: such a client gives up by itself.
        Timeout = TimeSpan.FromSeconds(15),
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private List<(int Partition, string Value)> Records() =>
        [.. _suite.Broker.ReadCommitted(_topic).Select(record => (record.Partition.Value, Encoding.UTF8.GetString(record.Message.Value!)))];
}
