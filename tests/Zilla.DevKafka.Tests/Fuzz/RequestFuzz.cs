using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Apis;
using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Producers;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Fuzz;

/// <summary>
/// Fuzz target: any bytes as one request. They may be refused as a protocol error or answered; nothing else may come of them. A request that waits
/// (fetch, join) is cancelled.
/// </summary>
internal static class RequestFuzz
{
    private static readonly Lazy<ApiTable> Target = new(CreateTable);

    public static ApiTable Table => Target.Value;

    public static void Fuzz(ReadOnlySpan<byte> request)
    {
        using var response = new WireWriter();
        using var cancellation = new CancellationTokenSource();
        try
        {
            var answer = Table.HandleAsync(request.ToArray(), IPAddress.Loopback, response, cancellation.Token).AsTask();
            cancellation.Cancel();
            if (answer.GetAwaiter().GetResult() && response.Length < 8)
            {
                throw new InvalidOperationException("an answer without a header");
            }
        }
        catch (Exception e) when (e is ProtocolException or OperationCanceledException)
        {
            // Costs the connection, or waits.
        }
    }

    private static ApiTable CreateTable()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        var time = new ManualTime();
        var log = new LogOptions(false, LogOptions.DefaultProducerExpiry, time, NullLogger.Instance);
        var topics = new TopicStore(folder.Path, log, new Dictionary<string, string>());
        topics.Create("t", 2, new Dictionary<string, string>());
        var groups = new GroupCoordinator(new OffsetStore(folder.Path, log), new GroupOptions(time));
        var transactions = new TransactionCoordinator(
            new TransactionStore(folder.Path, log), topics, groups.Offsets, new ProducerIds(folder.Path), new TransactionOptions(time), NullLogger.Instance);
        return ApiCatalog.Create(topics, groups, transactions, new BrokerIdentity("h", "c") { Port = 1 }, new BrokerOptions(time, false, 1, 1 << 20));
    }
}
