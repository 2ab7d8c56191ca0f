using Confluent.Kafka;
using Google.Protobuf;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>A topic as a stream, reliable: a client that keeps the position of the last message misses nothing and repeats nothing, however often it is killed.</summary>
[Collection(GrpcCollection.Name)]
public sealed class FollowTests(GrpcSuite suite) : IDisposable
{
    private const int Kills = 100, MostBetween = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zilla-follow-");

    private string File => Path.Combine(_folder.FullName, "done");

    public void Dispose() => _folder.Delete(recursive: true);

    [RequiresToolFact("node", "npm")]
    public async Task Client_KilledAHundredTimes_MissesNothingAndRepeatsNothing()
    {
        var random = new Random(20);
        using var enough = new CancellationTokenSource();
        var writing = WriteAsync(enough.Token);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var client = await NodeClients.StartAsync("grpc-follow.mjs", suite.Address, File);
            var goal = Done().Count + random.Next(1, MostBetween);
            await Eventually.HoldsAsync(() => Done().Count >= goal, Patience, $"{goal} messages have come\n{client.Output}\n{suite.Output}");
            client.Signal(9);
            await client.WaitForExitAsync(Patience);
        }

        await enough.CancelAsync();
        var written = await writing;
        await using (await NodeClients.StartAsync("grpc-follow.mjs", suite.Address, File))
        {
            await Eventually.HoldsAsync(() => Done().Count >= written, Patience, $"{written} messages have come");
        }

        var numbers = Done().Select(line => long.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(1, written).Select(number => (long)number), numbers.Order());
    }

    /// <summary>What the client has written down; a line counts when it is whole.</summary>
    private List<string> Done() => System.IO.File.Exists(File) ? [.. System.IO.File.ReadAllText(File).Split('\n')[..^1]] : [];

    /// <summary>Writes numbers, to all partitions, and gives how many.</summary>
    private async Task<int> WriteAsync(CancellationToken enough)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = suite.Broker.BootstrapServers, Partitioner = Partitioner.Random }).Build();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        var written = 0;
        while (!enough.IsCancellationRequested)
        {
            await producer.ProduceAsync(suite.Entries, new Message<Null, byte[]> { Value = new Entry { Number = ++written }.ToByteArray() }, CancellationToken.None);
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }

        return written;
    }
}
