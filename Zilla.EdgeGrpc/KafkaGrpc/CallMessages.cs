using Zilla.Streams.Kafka;

namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>The records of a call as they come, kept for as long as it may have to be begun anew. One adds while others read.</summary>
internal sealed class CallMessages
{
    private readonly Lock _gate = new();
    private readonly List<KafkaRecord> _records = [];
    private TaskCompletionSource? _more;

    public void Add(in KafkaRecord record)
    {
        lock (_gate)
        {
            _records.Add(record);
            _more?.TrySetResult();
            _more = null;
        }
    }

    /// <summary>Waits for it.</summary>
    /// <param name="index">From 0 on.</param>
    /// <param name="cancellationToken">It will not come, or is of no use any more.</param>
    public async ValueTask<KafkaRecord> ReadAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (index < _records.Count)
                {
                    return _records[index];
                }

                more = (_more ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }
}
