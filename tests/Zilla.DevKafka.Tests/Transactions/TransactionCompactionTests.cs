using Zilla.DevKafka.Tests.Log;

namespace Zilla.DevKafka.Tests.Transactions;

/// <summary>Compaction of logs with transactions in them.</summary>
public sealed class TransactionCompactionTests
{
    private static readonly (string, string)[] Compacted = [("cleanup.policy", "compact"), ("segment.bytes", "150"), ("min.cleanable.dirty.ratio", "0.01"), ("delete.retention.ms", "60000")];

    [Fact]
    public void Housekeep_AbortedValue_SupersedesNothingAndGoes()
    {
        using var h = new LogHarness(Compacted);
        h.Append("a", "committed");
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "aborted")));
        h.Log.EndTransaction(7, 0, commit: false);
        Fill(h);

        h.Log.Housekeep();

        Assert.Contains("0:a=committed", h.Records());
        Assert.DoesNotContain("1:a=aborted", h.Records());
        Assert.Contains("0:a=committed", h.Committed());
    }

    [Fact]
    public void Housekeep_AbortedBatchThatCannotBeOpened_GoesToo()
    {
        using var h = new LogHarness(Compacted);
        h.Append(Batches.Opaque(Batches.InTransaction(7, 0, 0, ("a", "1"))));
        h.Log.EndTransaction(7, 0, commit: false);
        Fill(h);

        h.Log.Housekeep();

        Assert.DoesNotContain("0:opaque", h.Records());
    }

    [Fact]
    public void Housekeep_OpenTransaction_NothingFromThereOnIsTouched()
    {
        using var h = new LogHarness(Compacted);
        h.Append("a", "1");
        h.Append("a", "2");
        h.Append("a", "3");
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "4")));
        h.Append("a", "5");
        Fill(h);

        h.Log.Housekeep();

        Assert.Contains("3:a=4", h.Records());
        Assert.Contains("4:a=5", h.Records());
        Assert.Equal(3, h.Log.LastStableOffset);
        Assert.Equal(3, h.Reopen().LastStableOffset);
        h.Log.EndTransaction(7, 0, commit: true);
        Fill(h);
        h.Log.Housekeep();
        Assert.Equal("4:a=5", Assert.Single(h.Records(), r => r.Contains(":a=", StringComparison.Ordinal)));
    }

    [Fact]
    public void Housekeep_MarkerOfRecordsThatStay_Stays()
    {
        using var h = new LogHarness(Compacted);
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "1")));
        h.Log.EndTransaction(7, 0, commit: true);
        Fill(h);
        for (var i = 0; i < 3; i++)
        {
            h.Log.Housekeep();
            h.Time.Advance(TimeSpan.FromMinutes(2));
            h.Reopen();
        }

        Assert.Contains("0:a=1", h.Committed());
        Assert.Equal(h.Log.NextOffset, h.Log.LastStableOffset);
        Assert.Equal(1, Markers(h));
    }

    [Fact]
    public void Housekeep_MarkerOfNothing_GoesWithTime()
    {
        using var h = new LogHarness(Compacted);
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "1")));
        h.Log.EndTransaction(7, 0, commit: false);
        Fill(h);

        h.Log.Housekeep();
        Assert.Equal(1, Markers(h));
        h.Time.Advance(TimeSpan.FromSeconds(61));
        h.Log.Housekeep();

        Assert.Equal(0, Markers(h));
        using var slice = h.Log.Read(0, 1 << 20, atLeastOne: true, committed: true);
        Assert.Empty(slice!.Aborted); // there is no marker any more that would end it for a reader
    }

    [Fact]
    public void Housekeep_RandomTransactions_CommittedReaderSeesEveryLatestValueAndNoAborted()
    {
        var random = new Random(7);
        using var h = new LogHarness([("cleanup.policy", "compact"), ("segment.bytes", "700"), ("min.cleanable.dirty.ratio", "0.01"), ("delete.retention.ms", "5000")]);
        var written = new List<Written>();
        for (var round = 0; round < 600; round++)
        {
            var producer = (long)random.Next(0, 4);
            var open = written.FindAll(w => w.Producer == producer && w.Committed is null);
            if (open.Count > 0 && random.Next(3) == 0)
            {
                var commit = random.Next(2) == 0;
                h.Log.EndTransaction(producer, 0, commit);
                open.ForEach(w => w.Committed = commit);
            }
            else
            {
                // Producer 0 writes without transactions.
                var (key, value) = ($"k{random.Next(8)}", $"v{round}");
                var batch = producer == 0 ? Batches.At(h.Now, (key, value)) : Batches.InTransaction(producer, 0, written.Count(w => w.Producer == producer), (key, value));
                var offset = h.Append(random.Next(3) == 0 ? Batches.Gzip(batch) : batch);
                written.Add(new(offset, producer, key, value) { Committed = producer == 0 ? true : null });
            }

            if (random.Next(8) == 0)
            {
                h.Log.Housekeep();
            }

            if (random.Next(8) == 0)
            {
                h.Time.Advance(TimeSpan.FromSeconds(random.Next(4)));
            }

            if (random.Next(8) == 0)
            {
                h.Reopen();
            }

            Assert.Equal(written.Find(w => w.Committed is null)?.Offset ?? h.Log.NextOffset, h.Log.LastStableOffset);
            Assert.Equal(Expected(written, h.Log.LastStableOffset), Latest(h));
        }
    }

    [Fact]
    public async Task Housekeep_WhileReadersRead_NoneSeesWhatWasAbortedOrMissesWhatWasCommitted()
    {
        using var h = new LogHarness([("cleanup.policy", "compact"), ("segment.bytes", "700"), ("min.cleanable.dirty.ratio", "0.01"), ("delete.retention.ms", "1")]);
        const int Rounds = 1500;
        var done = false;
        var keeping = Task.Run(() =>
        {
            while (!Volatile.Read(ref done))
            {
                h.Log.Housekeep();
                h.Time.Advance(TimeSpan.FromMilliseconds(1));
            }
        });
        var reading = Task.Run(() =>
        {
            while (!Volatile.Read(ref done))
            {
                Assert.DoesNotContain(h.Committed(500), r => r.EndsWith("aborted", StringComparison.Ordinal));
            }
        });
        for (var i = 0; i < Rounds; i++)
        {
            var commit = i % 2 == 0;
            h.Append(Batches.InTransaction(7, 0, i, ($"k{i % 5}", commit ? $"{i}" : "aborted")));
            h.Log.EndTransaction(7, 0, commit);
        }

        Volatile.Write(ref done, true);
        await keeping;
        await reading;
        Assert.Equal(
            Enumerable.Range(Rounds - 10, 10).Where(i => i % 2 == 0).Select(i => $"{2 * i}:k{i % 5}={i}"), // record and marker each
            Latest(h).OrderBy(r => int.Parse(r.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static List<string> Expected(List<Written> written, long end) =>
        [.. written.Where(w => w.Committed == true && w.Offset < end).GroupBy(w => w.Key).Select(k => $"{k.Last().Offset}:{k.Key}={k.Last().Value}").Order(StringComparer.Ordinal)];

    private static List<string> Latest(LogHarness h) =>
        [.. h.Committed(300).GroupBy(r => r.Split(':')[1].Split('=')[0]).Select(k => k.Last()).Order(StringComparer.Ordinal)];

    /// <summary>Something to write to behind what is to be compacted.</summary>
    private static void Fill(LogHarness h)
    {
        h.Append("fill", new string('x', 100));
        h.Append("fill", new string('y', 100));
    }

    private static int Markers(LogHarness h) => h.Records().Count(r => r.Split(':')[1].StartsWith('\0'));

    private sealed record Written(long Offset, long Producer, string Key, string Value)
    {
        /// <summary>Null while its transaction is open.</summary>
        public bool? Committed { get; set; }
    }
}
