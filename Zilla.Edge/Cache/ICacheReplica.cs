using Zilla.Streams;

namespace Zilla.Edge.Cache;

/// <summary>One replica of the cache, as an edge sees it.</summary>
public interface ICacheReplica : IStreamOpener
{
    /// <summary>Tells it apart from the others and stays the same, e.g. its address.</summary>
    string Name { get; }

    /// <summary>Whether streams can be opened now.</summary>
    bool IsConnected { get; }
}
