using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Tests.Guards;

/// <summary>An issuer's JWKS URL, on loopback.</summary>
internal sealed class JwksServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private JwksServer(string body)
    {
        Body = body;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Body { get; set; }
    public int Status { get; set; } = 200;

    /// <summary>Does not answer at all.</summary>
    public bool Hang { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    public Uri Url => new($"{_app.Urls.First()}/keys?secret=1");

    public static async Task<JwksServer> StartAsync(string body)
    {
        var server = new JwksServer(body);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        if (Hang)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }

        context.Response.StatusCode = Status;
        await context.Response.WriteAsync(Body, context.RequestAborted);
    }
}
