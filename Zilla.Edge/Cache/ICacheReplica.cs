using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>One replica of the cache, as an edge sees it.</summary>
public interface ICacheReplica : IStreamOpener
{
    /// <summary>Tells it apart from the others and stays the same, e.g. its address.</summary>
    string Name { get; }

    /// <summary>Whether streams can be opened now.</summary>
    bool IsConnected { get; }

    /// <summary>The name of the process that answers there now, by which it is known as the owner of sessions; null while it is not known.</summary>
    string? Instance => null;

    /// <summary>As <see cref="IStreamOpener.Open"/>, but towards that process only.</summary>
    FrameStream OpenAt(string instance, Begin begin) =>
        Instance == instance ? Open(begin) : throw new StreamBrokenException(Cause.LaneLost, $"{Name} is not {instance}.");
}
