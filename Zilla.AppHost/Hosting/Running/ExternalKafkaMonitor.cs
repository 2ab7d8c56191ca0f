using System.Globalization;
using System.Net.Sockets;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Running;

/// <summary>Looks whether any of the cluster's bootstrap servers can be reached.</summary>
internal sealed class ExternalKafkaMonitor(ExternalKafkaResource kafka, ResourceCatalog catalog, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Unreachable = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Reachable = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var created = time.GetUtcNow();
        try
        {
            while (true)
            {
                var reached = await FirstReachableAsync(cancellationToken);
                var report = reached is null
                    ? new HealthReport("connect", HealthStatus.Unhealthy, $"{kafka.BootstrapServers} cannot be reached", time.GetUtcNow())
                    : new HealthReport("connect", HealthStatus.Healthy, $"{reached} accepts connections", time.GetUtcNow());
                catalog.Publish(new ResourceSnapshot(kafka.Name, kafka) { State = ResourceState.Running, CreatedAt = created, Health = [report] });
                await Task.Delay(reached is null ? Unreachable : Reachable, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<string?> FirstReachableAsync(CancellationToken cancellationToken)
    {
        foreach (var server in kafka.BootstrapServers!.Split(','))
        {
            if (await IsReachableAsync(server, cancellationToken))
            {
                return server;
            }
        }

        return null;
    }

    private static async Task<bool> IsReachableAsync(string server, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        var colon = server.LastIndexOf(':');
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(server[..colon].Trim('[', ']'), int.Parse(server.AsSpan(colon + 1), CultureInfo.InvariantCulture), deadline.Token);
            return true;
        }
        catch (Exception failed) when (failed is SocketException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
