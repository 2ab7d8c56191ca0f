namespace Zilla.Edge.Listeners;

/// <summary>Connection feature: through which listener a connection came in.</summary>
public interface IListenerFeature
{
    /// <summary>Name of the tcp server binding, as the plan in force has it.</summary>
    string Binding { get; }

    int Port { get; }

    /// <summary>Cancelled when the listener is being closed: whatever would go on for ever must come to an end now.</summary>
    CancellationToken Closing { get; }
}
