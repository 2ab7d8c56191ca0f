using Zilla.Streams;

namespace Zilla.Edge.Cache;

/// <summary>How long one request goes on looking for a replica that serves it; see <see cref="CacheOptions.Patience"/>.</summary>
internal sealed class Patience(CacheClient client)
{
    private readonly long _since = client.Time.GetTimestamp();
    private readonly RetryDelay _delay = client.NewRetryDelay();

    /// <summary>Whether what a read has met may be tried again.</summary>
    public bool Allows(StreamBrokenException broken) => broken.Cause.IsOfReplica() && !client.IsStopped && client.Time.GetElapsedTime(_since) < client.Options.Patience;

    /// <summary>Whether a record that met this may be produced again: only where it has certainly not been written (kafka.proto).</summary>
    public bool AllowsWrite(StreamBrokenException broken) => broken.IsRefusal && Allows(broken);

    public Task PauseAsync(CancellationToken cancellationToken) => _delay.WaitAsync(cancellationToken);
}
