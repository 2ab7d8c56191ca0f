using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeHttp.Handover;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Handover;

/// <summary>What becomes of the body of a request, and of the request by its body; the instances that it is handed over to are played by the test.</summary>
public sealed class HandoverBodyTests
{
    private static readonly Uri First = new("http://127.0.0.1:1"), Second = new("http://127.0.0.1:2");

    private readonly Pipe _body = new();
    private readonly List<Uri> _asked = [];
    private readonly FakeContext _context;

    public HandoverBodyTests() => _context = new(CallForm.Json, "/a.B/C", _body.Reader);

    [Fact]
    public async Task Answer_BeforeTheBody_LeavesNobodyThatReadsOfIt()
    {
        await HandOverAsync((request, cancelled) =>
        {
            _ = request.Content!.CopyToAsync(Stream.Null, cancelled);
            return Task.FromResult(Ok());
        });
        await _body.Writer.WriteAsync("the next request's"u8.ToArray());
        Assert.True(_body.Reader.TryRead(out var rest));
        Assert.Equal("the next request's", Encoding.ASCII.GetString(rest.Buffer));
    }

    /// <summary>A call may be whole without: <c>{}</c> can be left out.</summary>
    [Fact]
    public async Task BodyOfNothing_IsHandedOverOnce()
    {
        await _body.Writer.CompleteAsync();
        await HandOverAsync(async (request, cancelled) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, cancelled);
            throw new HttpRequestException("It has gone away, and who knows how far it was.");
        });
        Assert.Equal((StatusCodes.Status503ServiceUnavailable, 1), (_context.StatusCode, _asked.Count));
    }

    [Fact]
    public async Task BodyThatIsNone_IsItsClientsFault_AndNoInstances()
    {
        await _body.Writer.CompleteAsync(new BadHttpRequestException("Bad chunk size data.", StatusCodes.Status400BadRequest));
        var instances = await HandOverAsync(async (request, cancelled) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, cancelled);
            return Ok();
        });
        Assert.Equal((StatusCodes.Status400BadRequest, 1), (_context.StatusCode, _asked.Count));
        Assert.Contains("Bad chunk size data.", Encoding.UTF8.GetString(await _context.OutputAsync()), StringComparison.Ordinal);
        await AssertTakesTurnsAsync(instances);
    }

    [Fact]
    public async Task ClientThatGoesAway_IsNoInstancesFault()
    {
        await _body.Writer.CompleteAsync(new IOException("The client reset the request stream."));
        var instances = await HandOverAsync(async (request, cancelled) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, cancelled);
            return Ok();
        });
        Assert.Equal((StatusCodes.Status200OK, 1), (_context.StatusCode, _asked.Count));
        Assert.Empty(await _context.OutputAsync());
        await AssertTakesTurnsAsync(instances);
    }

    [Fact]
    public async Task Instance_ThatDoesNotTakeConnections_IsPassedOver()
    {
        using var deaf = new HttpMessageInvoker(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromMilliseconds(10), ConnectCallback = NeverAsync });
        await HandOverAsync((request, cancelled) => _asked.Count == 1 ? deaf.SendAsync(request, cancelled) : Task.FromResult(Ok()));
        Assert.Equal((StatusCodes.Status200OK, 2), (_context.StatusCode, _asked.Count));
    }

    private async Task<GrpcInstances> HandOverAsync(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        var instances = new GrpcInstances([First, Second], (_, _) => throw new NotSupportedException(), new ManualTime());
        using var edge = new GrpcEdge(instances, new HeadLimits(new HttpServerOptions()), connections =>
        {
            connections.Dispose();
            return new Playing((request, cancelled) =>
            {
                _asked.Add(request.RequestUri!);
                return answer(request, cancelled);
            });
        });
        await new GrpcHandover("grpc", edge).HandleAsync(_context.Exchange).WaitAsync(TimeSpan.FromMinutes(1));
        return instances;
    }

    /// <summary>None is asked last for a while.</summary>
    private static async Task AssertTakesTurnsAsync(GrpcInstances instances) =>
        Assert.NotEqual((await instances.OrderAsync(default))[0], (await instances.OrderAsync(default))[0]);

    private static HttpResponseMessage Ok() => new(HttpStatusCode.OK) { Content = new ByteArrayContent([]) };

    private static async ValueTask<Stream> NeverAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return Stream.Null;
    }

    private sealed class Playing(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request, cancellationToken);
    }
}
