using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Zilla.Suite.Tests.Faults;

/// <summary>Writes one record after the other and says each again until it is acknowledged.</summary>
internal sealed class Writer(HttpClient client, string name)
{
    private readonly ConcurrentQueue<string> _acknowledged = new();

    /// <summary>Values that were answered with 204.</summary>
    public IReadOnlyCollection<string> Acknowledged => _acknowledged;

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

    private async Task<bool> TryWriteAsync(string value)
    {
        try
        {
            using var content = new StringContent(value, Encoding.UTF8, "text/plain");
            using var response = await client.PutAsync(new Uri($"/items/{value}", UriKind.Relative), content);
            if (response.StatusCode != HttpStatusCode.NoContent)
            {
                return false;
            }

            _acknowledged.Enqueue(value);
            return true;
        }
        catch (Exception broken) when (broken is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
