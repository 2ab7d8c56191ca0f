using Zilla.EdgeGrpc.Server;

namespace Zilla.EdgeGrpc.Services;

/// <summary>Whether what calls come to in the end can be reached. However many ask, it is looked at once a second at most.</summary>
internal sealed class Reachability(TimeProvider time)
{
    /// <summary>How long an answer holds.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>What has not answered by then is out of reach.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<ICallHandler, (long At, Task<bool> Answer)> _looks = new(ReferenceEqualityComparer.Instance);

    /// <summary>All of them.</summary>
    public async Task<bool> OfAsync(IReadOnlyCollection<ICallHandler> handlers) => Array.TrueForAll(await Task.WhenAll(handlers.Select(Look)), reachable => reachable);

    private Task<bool> Look(ICallHandler handler)
    {
        lock (_gate)
        {
            if (_looks.TryGetValue(handler, out var look) && (!look.Answer.IsCompleted || time.GetElapsedTime(look.At) < Fresh))
            {
                return look.Answer;
            }

            var answer = LookAsync(handler);
            _looks[handler] = (time.GetTimestamp(), answer);
            return answer;
        }
    }

    private async Task<bool> LookAsync(ICallHandler handler)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return await handler.IsReachableAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
