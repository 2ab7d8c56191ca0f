using Zilla.Config.Loading;

namespace Zilla.Control.Sources;

/// <summary>The text of a configuration each time it has changed, or why it cannot be had. Exactly one of the two is set.</summary>
internal sealed record Reading(string? Text, string? Problem);

/// <summary>Follows the place a configuration comes from.</summary>
internal abstract class ConfigurationFeed
{
    /// <summary>Beyond this a source is not even read to its end; the loader's own limit is lower and gives the better message.</summary>
    protected const int MaxBytes = 8 * 1024 * 1024;

    public abstract ConfigurationSource Source { get; }

    /// <summary>Gives a reading at once and then whenever it differs from the one before; never ends by itself.</summary>
    public abstract IAsyncEnumerable<Reading> ReadAsync(CancellationToken stop);

    public static ConfigurationFeed Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<ControlOptions>();
        var time = services.GetRequiredService<TimeProvider>();
        return options.Config switch
        {
            null => new NothingFeed(services.GetRequiredService<ILogger<NothingFeed>>()),
            var config when config.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || config.StartsWith("https://", StringComparison.OrdinalIgnoreCase) =>
                new UrlFeed(new Uri(config), options, UrlFeed.Client(MaxBytes), time, Random.Shared.NextDouble),
            var config => new FileFeed(config.StartsWith("file://", StringComparison.Ordinal) ? new Uri(config).LocalPath : config, options, time,
                services.GetRequiredService<ILogger<FileFeed>>()),
        };
    }
}
