namespace Zilla.Edge.Cache;

/// <summary>Somebody who awaits the outcome of one record.</summary>
public sealed class ProduceCall() : TaskCompletionSource<ProduceOutcome>(TaskCreationOptions.RunContinuationsAsynchronously), IProduceReceiver
{
    public void Produced(ulong tag, in ProduceOutcome outcome) => TrySetResult(outcome);

    public ValueTask<ProduceOutcome> WaitAsync(CancellationToken cancellationToken) => new(Task.WaitAsync(cancellationToken));
}
