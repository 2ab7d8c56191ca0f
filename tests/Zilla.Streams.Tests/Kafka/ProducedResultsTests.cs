using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Streams.Tests.Kafka;

public class ProducedResultsTests
{
    [Fact]
    public void Take_RunsAndAFailure_IsTheseBytes()
    {
        var results = new ProducedResults();
        results.Add(8, 1, 5);
        results.Add(9, 1, 6);
        results.AddFailure(3, Cause.InvalidRecord, "no", TimeSpan.FromMilliseconds(300));
        results.Add(0, 0, 0);

        byte[] expected =
        [
            0x12, 0x08,                   // run
            0x08, 0x02,                   // of two records
            0x10, 0x02,                   // partition 1
            0x18, 0x0A,                   // offset 5
            0x28, 0x08,                   // the first came behind 8 others
            0x12, 0x0F,                   // run
            0x08, 0x01,                   // of one
            0x22, 0x09,                   // that failed
            0x08, 0x0A,                   // CAUSE_INVALID_RECORD
            0x12, 0x02, (byte)'n', (byte)'o',
            0x18, 0xAC, 0x02,             // try again after 300 ms
            0x28, 0x03,                   // number 3
            0x12, 0x02, 0x08, 0x01,       // number 0, partition 0, offset 0
        ];
        Assert.Equal(expected, results.Take().ToArray());
        Assert.True(results.IsEmpty);
    }

    [Fact]
    public void Add_WhatDoesNotFollow_IsARunOfItsOwn()
    {
        var results = new ProducedResults();
        (int, long)[] places = [(0, 1), (0, 2), (1, 3), (0, 3), (0, 5), (-1, -1), (-1, -1), (0, 6)];
        foreach (var (number, (partition, offset)) in places.Index())
        {
            results.Add(number, partition, offset);
        }

        Assert.Equal([(2, 0, 1L), (1, 1, 3), (1, 0, 3), (1, 0, 5), (2, -1, -1), (1, 0, 6)], Read(results.Take().Span).Select(r => (r.Count, r.Partition, r.Offset)));
    }

    [Fact]
    public void Add_RecordsOfWhichSomeAreMissing_AreRunsOfTheirOwn()
    {
        var results = new ProducedResults();
        results.Add(4, 0, 1);
        results.Add(6, 0, 2);
        results.AddFailure(7, Cause.Unavailable, "down", default);
        results.AddFailure(9, Cause.Unavailable, "down", default);
        results.Add(2, 0, 3);

        Assert.Equal([4L, 6, 7, 9, 2], Read(results.Take().Span).Select(r => r.Number));
    }

    [Fact]
    public void AddFailure_TheSameAgain_IsOneRun()
    {
        var results = new ProducedResults();
        results.AddFailure(5, Cause.Unavailable, "down", TimeSpan.FromSeconds(1));
        results.AddFailure(6, Cause.Unavailable, "down", TimeSpan.FromSeconds(1));
        results.AddFailure(7, Cause.Unavailable, "up", TimeSpan.FromSeconds(1));

        Assert.Equal([(2, "down"), (1, "up")], Read(results.Take().Span).Select(r => (r.Count, r.Message)));
    }

    [Fact]
    public void Take_AnyResults_AreWhatTheGeneratedCodeWrites_AndReadAlike() => Prop.ForAll(Runs, runs =>
    {
        var results = new ProducedResults();
        var expected = new KafkaFlushEx();
        foreach (var run in runs)
        {
            Add(results, run);
            expected.Produced.Add(ToMessage(run));
        }

        var bytes = results.Take().ToArray();
        return bytes.AsSpan().SequenceEqual(expected.ToByteArray()) && Read(bytes).SequenceEqual(runs);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TryRead_CutAnywhere_IsAsTheGeneratedCodeHasIt()
    {
        var results = new ProducedResults();
        results.Add(70, 3, 1_000_000);
        results.AddFailure(71, Cause.Unavailable, "no broker", TimeSpan.FromSeconds(1));
        results.Add(300, 1, 2);
        var whole = results.Take().ToArray();
        for (var cut = 0; cut < whole.Length; cut++)
        {
            AssertAsGenerated(whole[..cut]);
        }
    }

    [Fact]
    public void TryRead_MutatedInput_NeverThrows_AndIsAsTheGeneratedCodeHasIt()
    {
        var results = new ProducedResults();
        results.Add(70, 3, 1_000_000);
        results.AddFailure(71, Cause.Unavailable, "no broker", TimeSpan.FromSeconds(1));
        var whole = results.Take().ToArray();
        var mutation = Gen.Choose(0, whole.Length - 1).SelectMany(at => Gen.Choose(0, 255).Select(to => (at, to))).ListOf(2);
        Prop.ForAll(mutation.ToArbitrary(), changes =>
        {
            var mutated = whole.ToArray();
            foreach (var (at, to) in changes)
            {
                mutated[at] = (byte)to;
            }

            var reader = new ProducedReader(mutated);
            var count = 0L;
            while (reader.TryRead(out var run))
            {
                Assert.InRange(run.Count, 1, int.MaxValue);
                count++;
            }

            return !reader.IsSound || Generated(mutated) is null || Generated(mutated)!.Produced.Count == count;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void TryRead_RunOfNoRecords_IsNotSound()
    {
        var reader = new ProducedReader(new KafkaFlushEx { Produced = { new KafkaProduced { Partition = 1 } } }.ToByteArray());

        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsSound);
    }

    [Fact]
    public void TryRead_NumberThatOverflows_IsNotSound()
    {
        var reader = new ProducedReader(new KafkaFlushEx { Produced = { new KafkaProduced { Count = 1, Number = long.MaxValue } } }.ToByteArray());

        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsSound);
    }

    [Fact]
    public void TryRead_CauseOfALaterVersion_IsAFailure()
    {
        var reader = new ProducedReader(new KafkaFlushEx { Produced = { new KafkaProduced { Count = 1, Failure = new() { Cause = 99 } } } }.ToByteArray());

        Assert.True(reader.TryRead(out var run));
        Assert.Equal(Cause.Internal, run.Cause);
    }

    [Fact]
    public void AddTakeAndRead_AllocateNothing()
    {
        var results = new ProducedResults();
        Round(results);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var read = 0;
        for (var i = 0; i < 100; i++)
        {
            read += Round(results);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(100 * 20, read);

        static int Round(ProducedResults results)
        {
            for (var i = 0; i < 20; i++)
            {
                results.Add(i, i % 3, i);
            }

            var reader = new ProducedReader(results.Take().Span);
            var read = 0;
            while (reader.TryRead(out var run))
            {
                read += run.Count;
            }

            return read;
        }
    }

    private static Arbitrary<ProducedRun[]> Runs
    {
        get
        {
            var written = Gen.Choose(1, 300).SelectMany(count => Gen.Choose(-1, 500).SelectMany(partition => Gen.Choose(0, 100_000).SelectMany(number => Gen.Choose(-1, int.MaxValue).Select(offset =>
                new ProducedRun { Number = number, Count = partition < 0 ? 1 : count, Partition = partition, Offset = partition < 0 ? -1 : Math.Max(0, offset) }))));
            var failed = Gen.Choose(1, 14).SelectMany(cause => Gen.Choose(0, 5000).SelectMany(retry => Gen.Elements("", "no broker", "größer als erlaubt").Select(message =>
                new ProducedRun { Count = 1, Cause = (Cause)cause, Message = message, RetryAfter = TimeSpan.FromMilliseconds(retry) })));

            // Two that are alike would become one run.
            return Gen.OneOf(written, failed).ArrayOf().Select(runs => runs.Where((run, i) => i == 0 || !Joins(runs[i - 1], run)).ToArray())
                .Where(runs => runs.Zip(runs.Skip(1)).All(pair => !Joins(pair.First, pair.Second))).ToArbitrary();
        }
    }

    private static bool Joins(ProducedRun one, ProducedRun next) => one.Cause == next.Cause && (one.Cause != Cause.Unspecified || one.Partition == next.Partition);

    private static void Add(ProducedResults results, ProducedRun run)
    {
        for (var i = 0; i < run.Count; i++)
        {
            if (run.Cause == Cause.Unspecified)
            {
                results.Add(run.Number + i, run.Partition, run.Offset < 0 ? -1 : run.Offset + i);
            }
            else
            {
                results.AddFailure(run.Number + i, run.Cause, run.Message!, run.RetryAfter);
            }
        }
    }

    private static KafkaProduced ToMessage(ProducedRun run)
    {
        var message = new KafkaProduced { Count = (uint)run.Count, Number = (ulong)run.Number, Partition = run.Partition, Offset = run.Offset };
        if (run.Cause != Cause.Unspecified)
        {
            message.Failure = new() { Cause = (uint)run.Cause, Message = run.Message, RetryAfterMs = (uint)run.RetryAfter.TotalMilliseconds };
        }

        return message;
    }

    private static List<ProducedRun> Read(ReadOnlySpan<byte> encoded)
    {
        var runs = new List<ProducedRun>();
        var reader = new ProducedReader(encoded);
        while (reader.TryRead(out var run))
        {
            runs.Add(run);
        }

        Assert.True(reader.IsSound);
        return runs;
    }

    private static void AssertAsGenerated(byte[] bytes)
    {
        var expected = Generated(bytes);
        var reader = new ProducedReader(bytes);
        var read = new List<KafkaProduced>();
        while (reader.TryRead(out var run))
        {
            read.Add(ToMessage(run));
        }

        Assert.Equal(expected is not null, reader.IsSound);
        if (expected is not null)
        {
            Assert.Equal(expected.Produced, read);
        }
    }

    private static KafkaFlushEx? Generated(byte[] bytes)
    {
        try
        {
            return KafkaFlushEx.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
