namespace Zilla.Edge.Cache;

/// <summary>Grows from failure to failure: doubled, capped, with up to half taken off at random so that edges do not retry in step.</summary>
public sealed class RetryDelay
{
    private readonly CacheOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private TimeSpan _next;

    internal RetryDelay(CacheOptions options, TimeProvider time, Func<double> random) => (_options, _time, _random, _next) = (options, time, random, options.RetryDelay);

    public void Reset() => _next = _options.RetryDelay;

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var pause = _next * (1 - _random() / 2);
        _next = _next * 2 < _options.MaxRetryDelay ? _next * 2 : _options.MaxRetryDelay;
        return Task.Delay(pause, _time, cancellationToken);
    }
}
