using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Streams.Lanes;

namespace Zilla.Streams.Network;

/// <summary>Serves <c>Streams.Lane</c>: each call is one lane until either side closes it or the host stops.</summary>
internal sealed class LaneService(IStreamAcceptor acceptor, IOptions<StreamServerOptions> options, IHostApplicationLifetime lifetime, ILoggerFactory logging, TimeProvider time)
{
    private readonly ILogger _logger = logging.CreateLogger(LaneLog.Category);

    public async Task LaneAsync(IAsyncStreamReader<LaneBatch> reader, IServerStreamWriter<LaneBatch> writer, ServerCallContext context)
    {
        await using var lane = new Lane(new GrpcTransport(reader, writer), options.Value.Lane, acceptor, isDialler: false, _logger, time);
        lane.Start();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStopping = lifetime.ApplicationStopping.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), stopping);
        await Task.WhenAny(lane.Ended, stopping.Task);
        await lane.CloseAsync(context.CancellationToken);
    }
}

/// <summary>What the server side of the frame protocol is configured with.</summary>
public sealed class StreamServerOptions
{
    public LaneOptions Lane { get; set; } = new();
}

/// <summary>Tells gRPC about the hand-written method in place of a generated base class.</summary>
internal sealed class LaneServiceMethods : IServiceMethodProvider<LaneService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<LaneService> context) =>
        context.AddDuplexStreamingMethod(LaneMethod.Definition, [], static (service, reader, writer, call) => service.LaneAsync(reader, writer, call));
}
