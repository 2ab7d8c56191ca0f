namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// Ends streams and clients when the service stops. Starts when stopping is announced, not in turn: the web server, which stops before,
/// waits for its calls, and they end only once their streams have.
/// </summary>
internal sealed class ClusterShutdown(ClusterRegistry clusters, IHostApplicationLifetime lifetime) : IHostedService
{
    private CancellationTokenRegistration _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = lifetime.ApplicationStopping.Register(() => _ = clusters.StopAsync());
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _registration.DisposeAsync();
        await clusters.StopAsync().WaitAsync(cancellationToken);
    }
}
