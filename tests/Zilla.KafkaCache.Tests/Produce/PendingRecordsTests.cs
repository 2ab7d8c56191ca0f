using Confluent.Kafka;
using Zilla.KafkaCache.Produce;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Produce;

public sealed class PendingRecordsTests
{
    private readonly PendingRecords _pending = new(TimeSpan.FromSeconds(1));
    private readonly ProducedResults _results = new();

    [Fact]
    public async Task RecordOfAPartitionThatDoesNotAnswer_HoldsUpNoneOfAnother()
    {
        var slow = await HandOverAsync();
        var quick = await HandOverAsync();
        var waiting = _pending.WaitAsync().AsTask();
        Assert.False(waiting.IsCompleted);

        quick.Delivered(Report(1, 7));

        Assert.True(await Eventually.CompletesAsync(waiting));
        Assert.Equal(["1: 1/7"], Take());
        slow.Delivered(Report(0, 3));
        Assert.True(await _pending.WaitAsync());
        Assert.Equal(["0: 0/3"], Take());
    }

    [Fact]
    public async Task KafkaAnswersBeforeTheRecordIsAdded_IsToldOnce()
    {
        var record = await _pending.NextAsync(default);
        record.Delivered(Report(0, 1));
        _pending.Add(record);
        record.Delivered(Report(0, 1));

        Assert.Equal(["0: 0/1"], Take());
        Assert.Empty(Take());
    }

    [Fact]
    public async Task GiveUp_FailsWhatHasNoAnswer_AndThenItIsOver()
    {
        await HandOverAsync();
        var written = await HandOverAsync();
        await HandOverAsync();
        written.Delivered(Report(0, 1));
        _pending.Close();

        _pending.GiveUp(new StreamBrokenException(Cause.Unavailable, "gone"));

        Assert.Equal(["1: 0/1", "0: Unavailable", "2: Unavailable"], Take());
        Assert.False(await _pending.WaitAsync());
    }

    [Fact]
    public async Task Most_AreNotAnswered_TheNextWaitsForRoom()
    {
        var first = await HandOverAsync();
        for (var i = 1; i < PendingRecords.Most; i++)
        {
            await HandOverAsync();
        }

        var next = _pending.NextAsync(default).AsTask();
        Assert.False(next.IsCompleted);
        first.Delivered(Report(0, 0));
        Assert.False(next.IsCompleted);
        Assert.Equal(["0: 0/0"], Take());
        Assert.Equal(PendingRecords.Most, (await Eventually.CompletesAsync(next)).Number);
    }

    private static DeliveryReport<byte[]?, byte[]?> Report(int partition, long offset) => new() { Partition = partition, Offset = offset, Error = new Error(ErrorCode.NoError) };

    private async Task<PendingRecord> HandOverAsync()
    {
        var record = await _pending.NextAsync(default);
        _pending.Add(record);
        return record;
    }

    /// <summary>"number: partition/offset", or the cause.</summary>
    private List<string> Take()
    {
        _pending.Take(_results, []);
        List<string> taken = [];
        foreach (var run in KafkaFlushEx.Parser.ParseFrom(_results.Take().Span).Produced)
        {
            for (var i = 0; i < run.Count; i++)
            {
                taken.Add($"{(long)run.Number + i}: " + (run.Failure is { } failure ? $"{(Cause)failure.Cause}" : $"{run.Partition}/{run.Offset + i}"));
            }
        }

        return taken;
    }
}
