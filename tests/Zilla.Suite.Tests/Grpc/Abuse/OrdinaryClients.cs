using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc.Abuse;

/// <summary>An ordinary client at each edge, since an attacker's connection comes to either; and what the edges were before they were attacked.</summary>
public sealed class OrdinaryClients(GrpcSuite suite) : IAsyncLifetime
{
    /// <summary>Whatever is asked of an edge, it takes less than this in addition: what it holds for all streams that nobody reads is bounded by 256 MiB, the rest is buffers of HTTP/2 and what has not been collected yet.</summary>
    private const long MostMemory = 450L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<OrdinaryClient> _clients = [];
    private List<(ServiceProcess Edge, int Process, long Memory)> _before = [];

    public async Task InitializeAsync()
    {
        foreach (var edge in suite.Edges)
        {
            // No calls but those of the client that looks where it is.
            await Eventually.HoldsAsync(async () => (await new[] { edge }.CountAsync("http_active_requests"))[0] == 0, Patience);
            _clients.Add(await OrdinaryClient.StartAsync(suite.Address, edge));
        }

        _before = [.. suite.Edges.Select(edge => (edge, edge.Id, edge.Memory))];
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>Their calls are answered, by the processes that were there before, which are well and have not grown without bounds.</summary>
    internal async Task AreUnharmedAsync()
    {
        await Task.WhenAll(_clients.Select(client => client.IsServedAsync()));
        foreach (var (edge, process, memory) in _before)
        {
            await edge.WaitUntilReadyAsync();
            Assert.Equal(process, edge.Id);
            await Eventually.HoldsAsync(() => edge.Memory < memory + MostMemory, Patience, $"{edge.Name} has {memory >> 20} MiB as before, now {edge.Memory >> 20}, and not much more\n{suite.Output}");
        }
    }

    /// <summary>They are unharmed while the edges take what they take of an attack, and when they take no more of it.</summary>
    internal Task AreUnharmedToTheEndAsync()
    {
        const int Rounds = 10;
        const long Noise = 4 << 20;
        var last = 0L;
        return Eventually.HoldsAsync(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await AreUnharmedAsync();
            }

            var before = last;
            last = suite.Edges.Sum(edge => edge.Memory);
            return last < before + Noise;
        }, Patience, $"memory does not grow any more\n{suite.Output}");
    }

    /// <summary>They alone have calls under way.</summary>
    internal Task AreAloneAsync() => Eventually.HoldsAsync(async () => (await suite.Edges.CountAsync("http_active_requests")).All(calls => calls <= 1), Patience, $"there are no calls but theirs\n{suite.Output}");
}
