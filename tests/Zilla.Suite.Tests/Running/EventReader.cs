using System.Collections.Concurrent;

namespace Zilla.Suite.Tests.Running;

/// <summary>Reads server-sent events as a browser's fetch would: an event counts once its blank line has come, and a stream that breaks is opened again after the last of them.</summary>
internal sealed class EventReader(HttpClient client, string path)
{
    private readonly ConcurrentQueue<string> _events = new();
    private readonly ConcurrentQueue<string> _breaks = new();
    private string? _lastId;
    private int _openings;

    /// <summary>The data of each event.</summary>
    public IReadOnlyCollection<string> Events => _events;

    /// <summary>How often a stream was opened.</summary>
    public int Openings => Volatile.Read(ref _openings);

    /// <summary>Streams that did not come to an end in order, and why.</summary>
    public IReadOnlyCollection<string> Breaks => _breaks;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(cancellationToken);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
            {
                // Opened again, unless the test is over.
            }

            if (!cancellationToken.IsCancellationRequested)
            {
                await pause.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (_lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", _lastId);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        Interlocked.Increment(ref _openings);
        try
        {
            await ReadAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            _breaks.Enqueue(broken.Message);
        }
    }

    private async Task ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var lines = new StreamReader(body);
        string? id = null, data = null;
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("id:", StringComparison.Ordinal))
            {
                id = line[3..];
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data = line[5..];
            }
            else if (line.Length == 0 && data is not null)
            {
                _events.Enqueue(data);
                (_lastId, id, data) = (id, null, null);
            }
        }
    }
}
