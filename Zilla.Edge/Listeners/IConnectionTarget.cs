using Microsoft.AspNetCore.Connections;

namespace Zilla.Edge.Listeners;

/// <summary>What an edge does with the connections that its listeners accept.</summary>
public interface IConnectionTarget
{
    /// <summary>
    /// Takes <paramref name="connection"/> over: from a normal return on, disposing it is the target's business. If it throws, the connection
    /// is closed by the caller.
    /// </summary>
    Task TakeAsync(ConnectionContext connection, CancellationToken cancellationToken);
}
