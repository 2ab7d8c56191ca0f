using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using Zilla.Config.Plans.V1;
using PlansClient = Zilla.Config.Plans.V1.Plans.PlansClient;

namespace Zilla.Config.Watching;

/// <summary>One call of <c>Plans.Watch</c> at a time, over a channel that notices a Control which has silently gone.</summary>
/// <param name="options">Where Control is, and who we are.</param>
/// <param name="time">The clock of the first answer.</param>
/// <param name="equip">Gives calls and connections what services know each other by; null = nothing.</param>
internal sealed class ControlConnection(PlanWatcherOptions options, TimeProvider time, Func<SocketsHttpHandler, HttpMessageHandler>? equip = null) : IDisposable
{
    private const int MaxPlanBytes = (16 * 1024 * 1024) + 1024;
    private const int MaxReason = 4096;

    private readonly GrpcChannel? _channel = options.Control is { } control ? Open(control, equip ?? (connections => connections)) : null;

    /// <summary>
    /// Says hello, then hands every update to <paramref name="apply"/> and its outcome (null = nothing to say) back to Control. Returns only
    /// when Control ends the call.
    /// </summary>
    /// <exception cref="RpcException">The call could not be opened, was refused or broke.</exception>
    /// <exception cref="TimeoutException">Control did not answer the first message in time.</exception>
    public async Task WatchAsync(PlanId? applied, Func<PlanUpdate, Task<Outcome?>> apply, CancellationToken stop)
    {
        using var call = new PlansClient(_channel).Watch(cancellationToken: stop);
        await call.RequestStream.WriteAsync(new PlanReport
        {
            Hello = new Hello { Service = options.Service, Instance = options.Instance, Address = options.Address, Applied = applied },
        }, stop);

        await foreach (var update in UpdatesAsync(call.ResponseStream, stop))
        {
            if (await apply(update) is { } outcome)
            {
                outcome.Reason = outcome.Reason.Length <= MaxReason ? outcome.Reason : outcome.Reason[..MaxReason];
                await call.RequestStream.WriteAsync(new PlanReport { Outcome = outcome }, stop);
            }
        }
    }

    public void Dispose() => _channel?.Dispose();

    private async IAsyncEnumerable<PlanUpdate> UpdatesAsync(IAsyncStreamReader<PlanUpdate> updates, [EnumeratorCancellation] CancellationToken stop)
    {
        using (var deadline = new CancellationTokenSource(options.FirstAnswer, time))
        using (var first = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop))
        {
            try
            {
                if (!await updates.MoveNext(first.Token))
                {
                    yield break;
                }
            }
            catch (Exception) when (deadline.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                throw new TimeoutException($"no answer within {options.FirstAnswer.TotalSeconds:0.#} s");
            }
        }

        do
        {
            yield return updates.Current;
        }
        while (await updates.MoveNext(stop));
    }

    private static GrpcChannel Open(Uri control, Func<SocketsHttpHandler, HttpMessageHandler> equip)
    {
        var connections = equip(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(3),
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            EnableMultipleHttp2Connections = false,
        });
        return GrpcChannel.ForAddress(control, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MaxPlanBytes,
            DisposeHttpClient = true,

            // A client and not its handler alone: the channel would connect by itself then, fail calls in a backoff of its own, and, where a connection that
            // ends meets one that begins, wait for ever.
            HttpClient = new HttpClient(connections) { Timeout = Timeout.InfiniteTimeSpan },
        });
    }
}
