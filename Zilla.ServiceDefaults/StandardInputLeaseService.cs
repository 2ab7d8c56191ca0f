using Microsoft.Extensions.Hosting;

namespace Zilla.ServiceDefaults;

/// <summary>Shuts the host down in good order when its parent has gone.</summary>
internal sealed class StandardInputLeaseService(StandardInputLease lease, IHostApplicationLifetime lifetime) : IHostedService
{
    private CancellationTokenRegistration _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = lease.Ended.Register(lifetime.StopApplication);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registration.Dispose();
        return Task.CompletedTask;
    }
}
