using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Zilla.Load.Grpc;

namespace Zilla.Load.Tests.Grpc;

/// <summary>The driver against a server that nobody here wrote.</summary>
public sealed class CallingClientTests : IAsyncLifetime
{
    private readonly WebApplication _app;

    public CallingClientTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapPost("/bench.Bench/{method}", async (string method, HttpContext context) =>
        {
            using var request = new MemoryStream();
            await context.Request.Body.CopyToAsync(request);
            if (method == "Refuse")
            {
                // The headers alone.
                context.Response.Headers["grpc-status"] = "12";
                return;
            }

            await context.Response.Body.WriteAsync(request.ToArray());
            context.Response.AppendTrailer("grpc-status", context.Request.Headers["answer"].ToString());
        });
    }

    public Task InitializeAsync() => _app.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData("bench.Bench/Echo", "0", false)]
    [InlineData("bench.Bench/Echo", "14", true)]
    [InlineData("bench.Bench/Refuse", "0", true)]
    public async Task Calls_AreAnsweredOneAfterTheOther(string method, string answer, bool fails)
    {
        var target = new CallTarget(new Arguments(["--port", $"{new Uri(_app.Urls.Single()).Port}", "--method", method, "--metadata", $"answer={answer}"]));
        using var connection = (await target.OpenAsync(1, 32 * 1024))[0];
        var client = new CallingClient(connection, target.Headers, ItemMessage.Of(256), window: 4);

        // More than the connection's first credit, in both directions.
        await client.RunAsync(() => true, () => client.Latencies.Count >= 6000).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(fails ? client.Latencies.Count : 0, client.Failed);
    }
}
