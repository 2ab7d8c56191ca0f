using Zilla.DevKafka.Log;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Transactions;

/// <summary>The process ends after any of the writes that end a transaction, or in the middle of one.</summary>
public sealed class TransactionCrashTests
{
    /// <summary>In the order in which they are written: what was decided, the markers, the offsets, that it is done.</summary>
    private const int Writes = 6;

    public static TheoryData<bool, int, bool> Crashes()
    {
        var data = new TheoryData<bool, int, bool>();
        foreach (var commit in new[] { true, false })
        {
            for (var done = 0; done <= Writes; done++)
            {
                data.Add(commit, done, false);
                if (done < Writes)
                {
                    data.Add(commit, done, true);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Crashes))]
    public void Open_CrashWhileATransactionEnds_OngoingOrWhollyDecided(bool commit, int done, bool torn)
    {
        using var h = new TransactionHarness();
        var producer = h.Init();
        h.Write(producer, 0, 1, 2);
        h.CommitOffset(producer, 9);
        var before = Lengths(h.Folder);
        h.Transaction.End(producer, commit);
        CutBack(h, before, done, torn);
        h.Reopen();

        if (done == 0)
        {
            Assert.Equal(TransactionState.Ongoing, h.State);
            Assert.All(Enumerable.Range(0, 3), p => Assert.Equal((true, 0), h.Outcome(p)));
            Assert.Null(h.Offset);
        }
        else
        {
            AssertEnded(h, commit);
            Assert.Equal(ErrorCode.InvalidTxnState, h.Transaction.End(producer, !commit));
        }

        // The client was not answered, so it asks again.
        Assert.Equal(ErrorCode.None, h.Transaction.End(producer, commit));
        AssertEnded(h, commit);
        Assert.Equal(ErrorCode.None, h.Transaction.AddPartitions(producer, [new("t", 0)]));
        Assert.Equal(ErrorCode.None, h.Append(producer, 0, sequence: 1));
    }

    private static void AssertEnded(TransactionHarness h, bool commit)
    {
        Assert.Equal(commit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort, h.State);
        Assert.All(Enumerable.Range(0, 3), p => Assert.Equal((false, commit ? 0 : 1), h.Outcome(p)));
        Assert.All(Enumerable.Range(0, 3), p => Assert.Equal(2, h.Topics.Partition("t", p)!.NextOffset)); // the record and one marker
        Assert.Equal(commit ? 9 : (long?)null, h.Offset);
        Assert.False(h.Offsets.IsUnstable(TransactionHarness.Group, new("t", 0)));
    }

    /// <summary>Takes back all writes after the first <paramref name="done"/>; <paramref name="torn"/>: of the next one, half is there.</summary>
    private static void CutBack(TransactionHarness h, Dictionary<string, long> before, int done, bool torn)
    {
        var partitions = h.Transaction.Data.Partitions;
        Assert.Empty(partitions); // it had ended
        var decided = Assert.Single(Directory.GetFiles(Path.Combine(h.Folder, "transactions"), "*.log"));
        var markers = before.Keys.Where(f => f.Contains("/topics/", StringComparison.Ordinal)).ToList();
        var offsets = Assert.Single(before.Keys, f => f.Contains("/groups/", StringComparison.Ordinal));

        // Two batches were added to the coordinator's log: the decision, and its completion.
        var bytes = File.ReadAllBytes(decided);
        BatchHeader.TryRead(bytes.AsSpan((int)before[decided]), out var decision);
        List<(string File, long Start, long End)> writes =
        [
            (decided, before[decided], before[decided] + decision.Size),
            .. markers.Select(m => (m, before[m], new FileInfo(m).Length)),
            (offsets, before[offsets], new FileInfo(offsets).Length),
            (decided, before[decided] + decision.Size, bytes.Length),
        ];
        Assert.Equal(Writes, writes.Count);
        foreach (var (file, start, end) in Enumerable.Reverse(writes[done..]))
        {
            Assert.True(end > start, $"nothing was written to {file}");
            using var handle = File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            handle.SetLength(torn && (file, start) == (writes[done].File, writes[done].Start) ? (start + end) / 2 : start);
        }
    }

    private static Dictionary<string, long> Lengths(string folder) =>
        Directory.GetFiles(folder, "*.log", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(f => f, f => new FileInfo(f).Length);
}
