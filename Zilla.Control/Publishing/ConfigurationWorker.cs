using Zilla.Control.Sources;

namespace Zilla.Control.Publishing;

/// <summary>Publishes whatever the source says, for as long as Control runs.</summary>
internal sealed class ConfigurationWorker(ConfigurationFeed feed, ConfigurationPublisher publisher) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var reading in feed.ReadAsync(stoppingToken))
        {
            publisher.Publish(reading);
        }
    }
}
