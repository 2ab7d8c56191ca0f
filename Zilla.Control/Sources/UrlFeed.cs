using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Zilla.Config.Loading;

namespace Zilla.Control.Sources;

/// <summary>
/// Follows a URL by asking for it every so often, with the entity tag of the last answer. While it has never answered it is asked again soon: with
/// a delay that doubles from 1 s to the poll interval, up to half of it taken off at random.
/// </summary>
/// <param name="url">http or https.</param>
/// <param name="options">The poll interval.</param>
/// <param name="client">Bounds time and size of an answer.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Uniform in [0, 1).</param>
internal sealed class UrlFeed(Uri url, ControlOptions options, HttpClient client, TimeProvider time, Func<double> random) : ConfigurationFeed
{
    private EntityTagHeaderValue? _tag;

    public override ConfigurationSource Source { get; } = ConfigurationSource.Url(url);

    public override async IAsyncEnumerable<Reading> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        Reading? last = null;
        var answered = false;
        var retry = TimeSpan.FromSeconds(1);
        while (!stop.IsCancellationRequested)
        {
            if (await AskAsync(stop) is { } reading)
            {
                answered |= reading.Text is not null;
                if (reading != last && !stop.IsCancellationRequested)
                {
                    last = reading;
                    yield return reading;
                }
            }

            var delay = answered ? options.UrlPollInterval : retry * (1 - (random() / 2));
            retry = retry * 2 < options.UrlPollInterval ? retry * 2 : options.UrlPollInterval;
            await Task.Delay(delay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Null if nothing has changed.</summary>
    private async Task<Reading?> AskAsync(CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (_tag is not null)
            {
                request.Headers.IfNoneMatch.Add(_tag);
            }

            using var response = await client.SendAsync(request, stop);
            if (response.StatusCode == HttpStatusCode.NotModified)
            {
                return null;
            }

            if (!response.IsSuccessStatusCode)
            {
                return new Reading(null, $"the answer is {(int)response.StatusCode} {response.ReasonPhrase}");
            }

            var text = await response.Content.ReadAsStringAsync(stop);
            _tag = response.Headers.ETag;
            return new Reading(text, null);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or InvalidOperationException or OperationCanceledException)
        {
            return new Reading(null, problem is OperationCanceledException ? "no answer in time" : problem.Message);
        }
    }
}
