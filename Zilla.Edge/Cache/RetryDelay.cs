namespace Zilla.Edge.Cache;

/// <summary>Grows from failure to failure: doubled, capped, with up to half taken off at random so that edges do not retry in step.</summary>
internal sealed class RetryDelay(CacheOptions options, TimeProvider time, Func<double> random)
{
    private TimeSpan _next = options.RetryDelay;

    public void Reset() => _next = options.RetryDelay;

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var pause = _next * (1 - random() / 2);
        _next = _next * 2 < options.MaxRetryDelay ? _next * 2 : options.MaxRetryDelay;
        return Task.Delay(pause, time, cancellationToken);
    }
}
