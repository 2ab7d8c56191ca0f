using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Zilla.Config.Loading;

namespace Zilla.Control.Sources;

/// <summary>
/// Follows a URL as Zilla does (reference §1.4). A server that gives entity tags is asked to answer when there is something new, with
/// <c>Prefer: wait=86400</c>; one that answers at once all the same, or gives none, is asked every poll interval. After a failure it is asked again
/// soon: with a delay that doubles from 1 s to the poll interval, up to half of it taken off at random.
/// </summary>
/// <param name="url">http or https.</param>
/// <param name="options">The poll interval.</param>
/// <param name="client">Bounds the size of an answer, and not its time.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Uniform in [0, 1).</param>
internal sealed class UrlFeed(Uri url, ControlOptions options, HttpClient client, TimeProvider time, Func<double> random) : ConfigurationFeed
{
    private const string Wait = "wait=86400";

    /// <summary>For an answer that is not waited for.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ADay = TimeSpan.FromSeconds(86400);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    /// <summary>Of <see cref="_text"/>, the last text that was had.</summary>
    private EntityTagHeaderValue? _tag;

    private string? _text;

    public override ConfigurationSource Source { get; } = ConfigurationSource.Url(url);

    /// <summary>Keep-alive probes find out within two minutes that a server has silently gone while it was waited for.</summary>
    public static HttpClient Client(int maxBytes) => new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(10),
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = maxBytes,
    };

    public override async IAsyncEnumerable<Reading> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        Reading? last = null;
        var retry = FirstRetry;
        while (!stop.IsCancellationRequested)
        {
            var asked = time.GetTimestamp();
            var reading = await AskAsync(wait: _tag is not null && last?.Text is not null, stop);
            if (reading.Text is null && _tag is not null && last?.Text is not null)
            {
                // What ends a wait, such as a proxy that has lost patience, need not be a failure of the server.
                reading = await AskAsync(wait: false, stop);
            }

            var news = reading != last;
            if (news && !stop.IsCancellationRequested)
            {
                last = reading;
                yield return reading;
            }

            var failed = reading.Text is null;
            var delay = failed ? retry * (1 - (random() / 2)) : Rest(news, time.GetElapsedTime(asked));
            retry = !failed ? FirstRetry : retry * 2 < options.UrlPollInterval ? retry * 2 : options.UrlPollInterval;
            await Task.Delay(delay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Until the next question. One that was answered with nothing new must not be repeated at once, unless the answer was waited for.</summary>
    private TimeSpan Rest(bool news, TimeSpan elapsed)
    {
        var interval = _tag is not null && news ? FirstRetry : options.UrlPollInterval;
        return elapsed < interval ? interval - elapsed : TimeSpan.Zero;
    }

    private async Task<Reading> AskAsync(bool wait, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(wait ? ADay + AtOnce : AtOnce, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (_tag is not null)
            {
                request.Headers.IfNoneMatch.Add(_tag);
            }

            if (wait)
            {
                request.Headers.Add("Prefer", Wait);
            }

            using var response = await client.SendAsync(request, end.Token);
            if (response.StatusCode == HttpStatusCode.NotModified)
            {
                return new Reading(_text, null);
            }

            if (!response.IsSuccessStatusCode)
            {
                return new Reading(null, $"the answer is {(int)response.StatusCode} {response.ReasonPhrase}");
            }

            _text = await response.Content.ReadAsStringAsync(end.Token);
            _tag = response.Headers.ETag;
            return new Reading(_text, null);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or InvalidOperationException or OperationCanceledException)
        {
            return new Reading(null, problem is OperationCanceledException ? "no answer in time" : problem.Message);
        }
    }
}
