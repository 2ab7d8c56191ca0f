using System.Text;

namespace Zilla.EdgeHttp.Tests.Sse;

/// <summary>An event stream as a client reads it, byte for byte.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly Stream _body;

    private EventStream(HttpResponseMessage response, Stream body) => (Response, _body) = (response, body);

    public HttpResponseMessage Response { get; }

    public static async Task<EventStream> OpenAsync(HttpClient client, string path, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new EventStream(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>Reads exactly as many bytes as <paramref name="expected"/> has and compares.</summary>
    public async Task ExpectAsync(string expected)
    {
        var buffer = new byte[Encoding.UTF8.GetByteCount(expected)];
        var read = 0;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            while (read < buffer.Length && await _body.ReadAsync(buffer.AsMemory(read), deadline.Token) is > 0 and var more)
            {
                read += more;
            }
        }
        catch (OperationCanceledException)
        {
            // What has come is compared.
        }

        Assert.Equal(expected, Encoding.UTF8.GetString(buffer, 0, read));
    }

    /// <summary>The stream ends in order, with nothing more in it.</summary>
    public async Task ExpectEndAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Equal(0, await _body.ReadAsync(new byte[1], deadline.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _body.DisposeAsync();
        Response.Dispose();
    }
}
