namespace Zilla.Edge.Plans;

/// <summary>Holds the model in force: read once per request or connection, swapped whole.</summary>
public sealed class EdgeState<TModel>(TModel initial)
    where TModel : class
{
    private TModel _current = initial;

    public TModel Current => Volatile.Read(ref _current);

    /// <summary>Raised when another model is in force.</summary>
    public event Action? Changed;

    /// <summary>Gives the model that was in force.</summary>
    internal TModel Swap(TModel next)
    {
        var previous = Interlocked.Exchange(ref _current, next);
        Changed?.Invoke();
        return previous;
    }
}
