using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Zilla.Suite.Tests.Faults;

/// <summary>Writes one record after the other, each under an idempotency key of its own that becomes the record's key, and says each again until it is acknowledged.</summary>
internal sealed class Writer(HttpClient client, string name)
{
    private readonly ConcurrentQueue<string> _acknowledged = new();
    private readonly ConcurrentQueue<string> _refusals = new();
    private readonly ConcurrentQueue<string> _losses = new();

    /// <summary>Keys that were answered with 204.</summary>
    public IReadOnlyCollection<string> Acknowledged => _acknowledged;

    /// <summary>Every other answer.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    /// <summary>
    /// Connections that were lost before there was an answer. One that was never had is none: the kernel resets those that wait to be accepted by an edge that stops, and nothing
    /// has been asked on them.
    /// </summary>
    public IReadOnlyCollection<string> Losses => _losses;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
        {
            while (!await TryWriteAsync($"{name}-{number}") && !cancellationToken.IsCancellationRequested)
            {
                await pace.WaitForNextTickAsync(CancellationToken.None);
            }

            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task<bool> TryWriteAsync(string key)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/items")
            {
                Content = new StringContent($"\"{key}\"", Encoding.UTF8, "application/json"),
                Version = client.DefaultRequestVersion,
                VersionPolicy = client.DefaultVersionPolicy,
            };
            request.Headers.Add("Idempotency-Key", key);
            using var response = await client.SendAsync(request);
            if (response.StatusCode != HttpStatusCode.NoContent)
            {
                _refusals.Enqueue($"{key}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                return false;
            }

            _acknowledged.Enqueue(key);
            return true;
        }
        catch (Exception broken) when (broken is HttpRequestException or TaskCanceledException)
        {
            var wasNeverHad = broken is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } || broken.Message.StartsWith("An HTTP/2 connection could not be established", StringComparison.Ordinal);
            if (!wasNeverHad)
            {
                _losses.Enqueue($"{key}: {broken.Message} {broken.InnerException?.Message}");
            }

            return false;
        }
    }
}
