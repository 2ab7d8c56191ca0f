namespace Zilla.DevKafka.Log;

/// <summary>A long poll: registered with the partitions it reads, completed by the first append to any of them.</summary>
internal sealed class LogWaiter
{
    private readonly TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Signalled => _signal.Task;

    public void Signal() => _signal.TrySetResult();
}
