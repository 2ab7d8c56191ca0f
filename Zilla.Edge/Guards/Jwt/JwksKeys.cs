using System.Text;
using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Guards.Jwt;

/// <summary>
/// Keys from a JWKS URL: fetched when first wanted, when they have become old (in the background) and when a token names one that is not held; at
/// most once in <see cref="GuardOptions.JwksMinInterval"/>. While the URL is away, the keys held stay in use.
/// </summary>
internal sealed class JwksKeys(Uri url, HttpClient http, GuardOptions options, TimeProvider time, ILogger logger) : IKeySource
{
    /// <summary>For the log: without what may be secret in it.</summary>
    private readonly string _shown = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private readonly Lock _gate = new();
    private SigningKeys? _held;
    private Task _fetching = Task.CompletedTask;
    private long _fetched;
    private long? _asked;

    public async ValueTask<SigningKeys?> GetAsync(string wanted, CancellationToken cancellationToken)
    {
        var held = Volatile.Read(ref _held);
        if (held is not null && held.Find(wanted).Any())
        {
            if (time.GetElapsedTime(Volatile.Read(ref _fetched)) > options.JwksRefresh)
            {
                _ = FetchOnceAsync();
            }

            return held;
        }

        await FetchOnceAsync().WaitAsync(cancellationToken);
        return Volatile.Read(ref _held);
    }

    /// <summary>The fetch that is going on, else a new one, unless the last was a moment ago. Does not fail.</summary>
    public Task FetchOnceAsync()
    {
        lock (_gate)
        {
            if (_fetching.IsCompleted && (_asked is not { } asked || time.GetElapsedTime(asked) >= options.JwksMinInterval))
            {
                _asked = time.GetTimestamp();
                _fetching = Task.Run(FetchAsync);
            }

            return _fetching;
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(options.JwksTimeout, time);
            using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            response.EnsureSuccessStatusCode();
            var keys = SigningKeys.Parse(await ReadAsync(response, timeout.Token));
            Volatile.Write(ref _held, keys);
            Volatile.Write(ref _fetched, time.GetTimestamp());
            GuardLog.KeysFetched(logger, _shown, keys.Count);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or FormatException or OperationCanceledException)
        {
            GuardLog.KeysNotFetched(logger, _shown, Volatile.Read(ref _held)?.Count ?? 0, e is OperationCanceledException ? "no answer in time" : e.Message);
        }
    }

    private async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var text = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            text.Write(buffer, 0, read);
            if (text.Length > options.JwksMaxBytes)
            {
                throw new FormatException($"it is longer than {options.JwksMaxBytes} bytes");
            }
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }
}
