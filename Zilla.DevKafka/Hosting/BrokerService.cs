using Microsoft.Extensions.Options;

namespace Zilla.DevKafka.Hosting;

/// <summary>Runs the broker with the host: a broker that cannot start fails the host's start.</summary>
internal sealed class BrokerService(IOptions<DevKafkaOptions> options, TimeProvider time, ILoggerFactory loggers) : IHostedService
{
    private Broker? _broker;

    /// <summary>The port clients are accepted on; null while they are not.</summary>
    public int? Port => _broker?.Port;

    public async Task StartAsync(CancellationToken cancellationToken) => _broker = await Broker.StartAsync(options.Value, time, loggers);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var broker = _broker;
        _broker = null;
        if (broker is not null)
        {
            await broker.DisposeAsync();
        }
    }
}
