using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Cache;

/// <summary>
/// Finds replicas by name: <c>dns:///kafka-cache:8081</c> stands for every address that the name has, as that of a headless Kubernetes service
/// or of a scaled compose service does. A replica that has lost its address is let go once it is not connected either, so that a name service
/// which is away, or which hides what is not ready just now, costs nobody anything.
/// </summary>
internal sealed class ReplicaDiscovery(
    IReadOnlyList<Uri> names, CacheReplicas replicas, Func<Uri, ICacheReplica> connect, Func<string, CancellationToken, Task<IPAddress[]>> resolve,
    TimeSpan interval, TimeProvider time, ILogger<ReplicaDiscovery> logger) : BackgroundService
{
    /// <summary>Of the names to look up; after gRPC's own way to name targets.</summary>
    public const string Scheme = "dns";

    private readonly (Uri Name, string Host, int Port)[] _names = [.. names.Select(Parse)];
    private readonly Dictionary<(Uri Name, Uri Address), ICacheReplica> _found = [];

    /// <summary>Looks every name up once, adds the replicas that are new and lets go of those that have gone.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var target in _names)
        {
            if (await AddressesAsync(target, cancellationToken) is { } addresses)
            {
                await ApplyAsync(target.Name, addresses);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_found.Values.Select(replica => Dispose(replica).AsTask()));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_names.Length > 0 && !stoppingToken.IsCancellationRequested)
        {
            await RefreshAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static (Uri Name, string Host, int Port) Parse(Uri name) =>
        name.Host.Length == 0 && name.AbsolutePath.TrimStart('/').Split(':') is [{ Length: > 0 } host, var text] && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (name, host, port)
            : throw new FormatException($"'{name}' is not of the form {Scheme}:///host:port");

    private async Task ApplyAsync(Uri name, IReadOnlyCollection<Uri> addresses)
    {
        foreach (var address in addresses.Where(address => !_found.ContainsKey((name, address))))
        {
            CacheLog.ReplicaFound(logger, address, name);
            var replica = connect(address);
            _found.Add((name, address), replica);
            replicas.Add(replica);
        }

        foreach (var (key, replica) in _found.Where(found => found.Key.Name == name && !addresses.Contains(found.Key.Address) && !found.Value.IsConnected).ToList())
        {
            CacheLog.ReplicaGone(logger, key.Address, name);
            _found.Remove(key);
            replicas.Remove(replica);
            await Dispose(replica);
        }
    }

    /// <summary>Null: not known, so that everything stays as it is.</summary>
    private async Task<IReadOnlyCollection<Uri>?> AddressesAsync((Uri Name, string Host, int Port) target, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await resolve(target.Host, cancellationToken);

            // A replica with one address of each family is one replica.
            var family = addresses.Any(a => a.AddressFamily == AddressFamily.InterNetwork) ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
            return [.. addresses.Where(a => a.AddressFamily == family).Select(a => new Uri($"http://{new IPEndPoint(a, target.Port)}")).Distinct()];
        }
        catch (SocketException unknown)
        {
            CacheLog.NameUnknown(logger, target.Name, unknown.Message);
            return null;
        }
    }

    private static ValueTask Dispose(ICacheReplica replica) => replica is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;
}
