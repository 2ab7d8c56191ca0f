using Google.Protobuf;
using Grpc.Core;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;
using Zilla.Control.Instances;
using PlansBase = Zilla.Config.Plans.V1.Plans.PlansBase;

namespace Zilla.Control.Publishing;

/// <summary>See <c>plans.proto</c>.</summary>
internal sealed class PlansService(PublicationHolder holder, InstanceBoard board, IHostApplicationLifetime lifetime) : PlansBase
{
    private const int LongestName = 256;

    public override async Task Watch(IAsyncStreamReader<PlanReport> requestStream, IServerStreamWriter<PlanUpdate> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            var hello = await HelloAsync(requestStream, end.Token);
            var instance = board.Connect(hello);
            var reading = ReadAsync(requestStream, instance, end);
            try
            {
                await SendAsync(responseStream, hello.Service, end.Token);
            }
            finally
            {
                await end.CancelAsync();
                await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                board.Disconnect(instance);
            }
        }
        catch (Exception problem) when (end.IsCancellationRequested && problem is OperationCanceledException or IOException or InvalidOperationException)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "Control is stopping"));
        }
    }

    private static async Task<Hello> HelloAsync(IAsyncStreamReader<PlanReport> reports, CancellationToken end)
    {
        if (!await reports.MoveNext(end) || reports.Current.Hello is not { } hello)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, "the first message has to be 'hello'"));
        }

        if (!PlanCompiler.Services.Contains(hello.Service))
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, $"there are no plans for '{hello.Service}': {string.Join(", ", PlanCompiler.Services)}"));
        }

        return hello.Instance.Length is > 0 and <= LongestName && hello.Address.Length <= LongestName
            ? hello
            : throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, $"'instance' has 1 to {LongestName} characters and 'address' at most that"));
    }

    private async Task ReadAsync(IAsyncStreamReader<PlanReport> reports, InstanceConnection instance, CancellationTokenSource end)
    {
        try
        {
            while (await reports.MoveNext(end.Token))
            {
                if (reports.Current.Outcome is { Plan: not null } outcome)
                {
                    board.Record(instance, outcome);
                }
            }
        }
        finally
        {
            // The service has gone: stop sending to it.
            await end.CancelAsync();
        }
    }

    private async Task SendAsync(IServerStreamWriter<PlanUpdate> updates, string service, CancellationToken end)
    {
        PlanUpdate? sent = null;
        while (true)
        {
            var (publication, replaced) = holder.Observe();
            var update = Update(publication, service);
            if (!update.Equals(sent))
            {
                await updates.WriteAsync(update, end);
                sent = update;
            }

            await replaced.WaitAsync(end);
        }
    }

    private static PlanUpdate Update(Publication publication, string service) => publication.Published is { } published
        ? new PlanUpdate { Plan = new Plan { Id = published.Id, Body = UnsafeByteOperations.UnsafeWrap(PlanJson.Serialize(published.Plans[service])) } }
        : new PlanUpdate { None = new NoPlan { Reason = publication.Problem ?? "", Last = publication.Before } };
}
