using System.Runtime.CompilerServices;
using Zilla.Config.Loading;

namespace Zilla.Control.Sources;

/// <summary>Stands for a source that is not configured.</summary>
internal sealed class NothingFeed(ILogger<NothingFeed> logger) : ConfigurationFeed
{
    public override ConfigurationSource Source { get; } = new("", null);

    public override async IAsyncEnumerable<Reading> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        ControlLog.NothingConfigured(logger);
        yield return new Reading(null, "Zilla:Config is not set");
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
