using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Hosting;

namespace Zilla.DevKafka.Tests.Listeners;

/// <summary>The broker stops whatever its clients do just then.</summary>
public sealed class StopTests
{
    private const int Rounds = 300, Clients = 8;

    [Fact]
    public async Task Dispose_WhileConnectionsEnd_Stops()
    {
        using var folder = new TemporaryFolder();
        for (var round = 0; round < Rounds; round++)
        {
            var broker = await Broker.StartAsync(new DevKafkaOptions { Port = 0, Data = folder.Path }, TimeProvider.System, NullLoggerFactory.Instance);
            var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => RawClient.ConnectAsync(broker.Port)));
            await Task.WhenAll(clients.Select(client => client.SendAsync(0, 0, 0, 0))); // no request has that length: the connection ends

            await broker.DisposeAsync();

            Array.ForEach(clients, client => client.Dispose());
        }
    }
}
