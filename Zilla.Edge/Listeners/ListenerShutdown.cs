using Microsoft.Extensions.Hosting;

namespace Zilla.Edge.Listeners;

/// <summary>
/// Closes the listeners as soon as the process is told to stop: no new connections, and streams that have no end get one, so that the servers
/// behind the listeners can drain.
/// </summary>
internal sealed class ListenerShutdown(ListenerSet listeners, IHostApplicationLifetime lifetime) : IHostedService
{
    private Task _closed = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() => _closed = listeners.CloseAsync());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _closed.WaitAsync(cancellationToken);
}
