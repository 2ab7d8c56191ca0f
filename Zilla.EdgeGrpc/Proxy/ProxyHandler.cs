using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Upstream;

namespace Zilla.EdgeGrpc.Proxy;

/// <summary>
/// <c>grpc client</c>: passes the messages of a call on to a service, and what it answers back, each as it comes. Neither side gets ahead of the other by more than HTTP/2's windows: a client that does not read
/// stalls the service's answer to it, and nothing else.
/// </summary>
internal sealed class ProxyHandler(UpstreamChannel service, TimeProvider time) : ICallHandler
{
    /// <summary>Bytes of messages that go to the client together, if they come faster than one by one.</summary>
    private const int FlushBytes = 64 << 10;

    public Task<bool> IsReachableAsync(CancellationToken cancellationToken) => service.IsReachableAsync(cancellationToken);

    public async Task<Status> HandleAsync(Call call)
    {
        TimeSpan? left = call.Deadline is { } deadline ? deadline - time.GetUtcNow() : null;
        await using var upstream = await service.StartAsync(call.ServiceName, call.Method.Name, ProxyMetadata.Of(call), call.Cancelled, left);
        var asking = AskAsync(call, upstream);
        var answering = AnswerAsync(call, upstream);
        try
        {
            // A service may have answered before it has heard everything; then nobody waits for the rest.
            if (await Task.WhenAny(asking, answering) == asking)
            {
                await asking;
            }

            return await answering;
        }
        finally
        {
            await call.CancelAsync();
            await Task.WhenAll(asking, answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task AskAsync(Call call, UpstreamCall upstream)
    {
        while (await call.ReadAsync())
        {
            await upstream.WriteAsync(call.Message);
        }

        call.RequireMessage();
        await upstream.CompleteAsync();
    }

    private static async Task<Status> AnswerAsync(Call call, UpstreamCall upstream)
    {
        if (await upstream.BeginAsync())
        {
            foreach (var metadatum in upstream.Headers)
            {
                call.Respond(metadatum);
            }

            if (call.Method.IsServerStreaming)
            {
                await call.BeginAsync();
            }

            while (await upstream.ReadAsync())
            {
                await call.WriteAsync(upstream.Message);
                if (call.Method.IsServerStreaming && (call.Unflushed >= FlushBytes || !upstream.HasNext))
                {
                    await call.FlushAsync();
                }
            }
        }

        foreach (var metadatum in upstream.Trailers)
        {
            call.Trail(metadatum);
        }

        return upstream.Status;
    }
}
