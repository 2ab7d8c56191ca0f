using System.Text;
using Confluent.Kafka;
using Zilla.Config.Plans;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Work;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Work;

/// <summary>What becomes of records whose call could not be made when they cannot be written at once.</summary>
public sealed class DeadLettersTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly WorkTelemetry _telemetry;
    private readonly ManualTime _time = new();
    private readonly CapturedLog _log = new();
    private readonly List<string> _written = [];
    private readonly Queue<Exception> _failures = [];

    public DeadLettersTests() => _telemetry = new(_meters);

    [Fact]
    public async Task Fault_IsReported_AndTheRecordsAreWrittenNonetheless()
    {
        _failures.Enqueue(new InvalidOperationException("out of order"));
        _failures.Enqueue(new InvalidOperationException("still so"));
        await BuriedAsync(Bury(CancellationToken.None));
        Assert.Equal(["dead a bad", "dead b bad"], _written);
        Assert.Equal(["out of order", "still so"], _log.Lines.Where(line => line.Contains("a fault", StringComparison.Ordinal)).Select(line => line.Contains("still so", StringComparison.Ordinal) ? "still so" : "out of order"));
    }

    [Fact]
    public async Task KafkaAway_IsWaitedFor()
    {
        _failures.Enqueue(new KafkaException(ErrorCode.Local_MsgTimedOut));
        _failures.Enqueue(new ObjectDisposedException("a producer that was replaced"));
        await BuriedAsync(Bury(CancellationToken.None));
        Assert.Equal(["dead a bad", "dead b bad"], _written);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("a fault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_IsReported_AndDoesNotHoldUpWhatIsBehind()
    {
        _failures.Enqueue(new KafkaException(ErrorCode.MsgSizeTooLarge));
        await Bury(CancellationToken.None);
        Assert.Equal(["dead b bad"], _written);
        Assert.Contains(_log.Lines, line => line.Contains("calls/0@0 was not written to the dead-letter topic dead", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NoLongerServed_IsNotOver()
    {
        using var stopping = new CancellationTokenSource();
        _failures.Enqueue(new ObjectDisposedException("the cluster's producers"));
        var burying = Bury(stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => burying);
        Assert.Empty(_written);
    }

    public void Dispose()
    {
        _telemetry.Dispose();
        _meters.Dispose();
        _log.Dispose();
    }

    private Task Bury(CancellationToken cancellationToken)
    {
        var plan = new WorkPlan { Group = "zilla:tests", Conditions = [], Correlation = new(), DeadLetter = "dead" };
        var parts = new ClusterParts(new ClusterPlan { Name = "cluster", Servers = [] }, "replica", null, new CacheOptions(), _time, _log, cancellationToken);
        return new DeadLetters(plan, ProduceAsync, parts, _telemetry).BuryAsync("calls", [Record(0, "a"), Record(1, "b")], "bad", cancellationToken);
    }

    private Task ProduceAsync(TopicPartition target, Message<byte[]?, byte[]?> letter)
    {
        if (_failures.TryDequeue(out var failure))
        {
            throw failure;
        }

        _written.Add($"{target.Topic} {Encoding.UTF8.GetString(letter.Value!)} {Encoding.UTF8.GetString(letter.Headers.GetLastBytes("zilla:dead-letter-reason"))}");
        return Task.CompletedTask;
    }

    private async Task BuriedAsync(Task burying)
    {
        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return burying.IsCompleted;
        });
        await burying;
    }

    private static KafkaRecord Record(long offset, string value)
    {
        Assert.True(KafkaRecordCodec.TryRead(KafkaRecordCodec.Encode(new() { Offset = offset }, []), Encoding.UTF8.GetBytes(value), out var record));
        return record;
    }
}
