using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Work;

/// <summary>The calls that are not over: how much is kept of them, and who waits for room to read more. For one caller at a time.</summary>
/// <param name="limits">How much may be kept.</param>
/// <param name="telemetry">Counts.</param>
internal sealed class KeptCalls(WorkLimits limits, WorkTelemetry telemetry)
{
    private readonly Dictionary<ulong, WorkCall> _calls = [];
    private TaskCompletionSource? _freed;
    private long _bytes;

    public IReadOnlyCollection<WorkCall> All => _calls.Values;

    /// <summary>More may be read.</summary>
    public bool HasRoom => _calls.Count < limits.Calls && _bytes < limits.Bytes;

    /// <summary>Somebody waits for room.</summary>
    public bool IsAwaited => _freed is not null;

    /// <summary>
    /// Where all calls under way wait for records that lie behind what is kept, nothing would ever move: the largest of them, or where they are many the one that waits longest. Null: something may move yet.
    /// </summary>
    public WorkCall? Hindrance
    {
        get
        {
            var underWay = _calls.Values.Where(call => call.Member is not null || call.IsMade);
            return underWay.Any(call => call.IsEnded || call.IsMade) ? null : _bytes >= limits.Bytes ? underWay.MaxBy(call => call.Bytes) : underWay.MinBy(call => call.LastAt);
        }
    }

    /// <summary>The call with this number, if this edge makes it.</summary>
    public WorkCall? Find(IWorkMember member, ulong number) => _calls.GetValueOrDefault(number) is { } call && call.Member == member ? call : null;

    /// <summary>Takes a record of a call. True: the call is new.</summary>
    public bool Add(WorkCall call, in KafkaRecord record)
    {
        _bytes += WorkCall.SizeOf(record);
        if (!_calls.TryAdd(call.Number, call))
        {
            return false;
        }

        telemetry.Calls.Add(1);
        return true;
    }

    /// <summary>False: it is not kept.</summary>
    public bool Remove(WorkCall call)
    {
        if (!_calls.Remove(call.Number))
        {
            return false;
        }

        telemetry.Calls.Add(-1);
        _bytes -= call.Bytes;
        return true;
    }

    /// <summary>Completes when there is room, once <see cref="LookForRoom"/> has found some.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        _freed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _freed.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Lets those read on who wait, if there is room now.</summary>
    public void LookForRoom()
    {
        if (HasRoom && _freed is { } freed)
        {
            _freed = null;
            freed.TrySetResult();
        }
    }
}
