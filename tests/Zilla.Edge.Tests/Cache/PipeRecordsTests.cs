using System.Buffers;
using Zilla.Edge.Cache;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.Edge.Tests.Cache;

public sealed class PipeRecordsTests
{
    private const int Budget = 1024;

    private readonly PipeRecords _records = new(Budget);
    private readonly List<PipeCompletion> _told = [];

    [Fact]
    public void Answer_InAnyOrder_TellsWhoseRecordItWas()
    {
        AddAndSend(4);

        Answer(2, 2);
        Answer(0);

        Assert.Equal([2UL, 3, 0], _told.Select(t => t.Tag));
        Assert.Equal([7, 8, 7], _told.Select(t => t.Outcome.Offset));
        Assert.True(_records.IsAwaiting);
        Answer(1);
        Assert.False(_records.IsAwaiting);
        Assert.True(_records.IsEmpty);
    }

    [Theory]
    [InlineData(3, 1)] // not sent
    [InlineData(2, 2)] // the second of them
    [InlineData(0, 1)] // told, and all before it
    [InlineData(2, 1)] // told
    [InlineData(-1, 1)]
    [InlineData(long.MaxValue - int.MaxValue, 1)]
    public void Answer_ForWhatIsNotAwaited_BreaksTheProtocol(long number, int count)
    {
        AddAndSend(3);
        Add(3);
        Answer(0);
        Answer(2);

        Assert.Equal(Cause.ProtocolError, Assert.Throws<StreamBrokenException>(() => Answer(number, count)).Cause);
        Assert.Equal([0UL, 2], _told.Select(t => t.Tag));
    }

    [Fact]
    public void Answer_TwiceOfOneThatFailedAndStays_BreaksTheProtocol()
    {
        AddAndSend(2);
        _records.Answer(new() { Number = 0, Count = 1, Cause = Cause.Timeout }, again: true, _told);

        Assert.Equal(Cause.ProtocolError, Assert.Throws<StreamBrokenException>(() => Answer(0)).Cause);
    }

    [Fact]
    public void BeginStream_WhatIsNotDone_IsSentAgainInItsOrder_AndNumberedAnew()
    {
        AddAndSend(6);
        Answer(1, 2);
        Answer(4);
        Add(6);

        Assert.Equal(3, _records.BeginStream());

        Assert.Equal(["0", "3", "5", "6"], SendAll());
        Answer(3);
        Answer(1);
        Assert.Equal([1UL, 2, 4, 6, 3], _told.Select(t => t.Tag));
    }

    [Fact]
    public void Fail_BetweenStreams_KnowsWhatWasSentAndNotAnswered()
    {
        AddAndSend(3);
        Add(3);
        _records.Answer(new() { Number = 1, Count = 1, Cause = Cause.Timeout }, again: true, _told);

        var failed = _records.Fail(new StreamBrokenException(Cause.LaneLost, "gone"), static (_, isSent) => isSent, _told);

        Assert.Equal(2, failed);
        Assert.Equal([0UL, 2], _told.Select(t => t.Tag));
        Assert.Equal(1, _records.BeginStream());
        Assert.Equal(["1", "3"], SendAll());
    }

    [Fact]
    public void TryAdd_BehindOneThatIsNotAnswered_WhatIsDoneCountsForTheBudget()
    {
        var added = 0;
        for (; TryAdd(added) == PipeRecords.Adding.Added; added++)
        {
            SendAll();
            if (added > 0)
            {
                Answer(added);
            }
        }

        Assert.InRange(added, 2, Budget / 64);
        Answer(0);
        Assert.Equal(PipeRecords.Adding.Added, TryAdd(added));
    }

    private void AddAndSend(int count)
    {
        for (var number = 0; number < count; number++)
        {
            Add(number);
        }

        SendAll();
    }

    private void Add(int number) => Assert.Equal(PipeRecords.Adding.Added, TryAdd(number));

    private PipeRecords.Adding TryAdd(int number) => _records.TryAdd(new PipeRecord(default, new ReadOnlySequence<byte>([(byte)('0' + number)])), new Nobody(), (ulong)number, 0);

    private List<string> SendAll()
    {
        List<string> sent = [];
        while (_records.TrySend(out _, out var value))
        {
            sent.Add(System.Text.Encoding.ASCII.GetString(value.Span));
        }

        return sent;
    }

    private void Answer(long number, int count = 1) => _records.Answer(new() { Number = number, Count = count, Offset = 7 }, again: false, _told);

    private sealed class Nobody : IProduceReceiver
    {
        public void Produced(ulong tag, in ProduceOutcome outcome)
        {
        }
    }
}
