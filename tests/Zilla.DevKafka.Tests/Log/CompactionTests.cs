namespace Zilla.DevKafka.Tests.Log;

public sealed class CompactionTests
{
    private static readonly (string, string)[] Compacted = [("cleanup.policy", "compact"), ("segment.bytes", "150"), ("min.cleanable.dirty.ratio", "0.01"), ("delete.retention.ms", "60000")];

    [Fact]
    public void Housekeep_KeysWrittenAgain_LatestStaysWithItsOffset()
    {
        using var h = new LogHarness(Compacted);
        for (var i = 0; i < 30; i++)
        {
            h.Append($"k{i % 3}", $"v{i}");
        }

        h.Append("last", "x");
        h.Log.Housekeep();

        var records = h.Records();
        var latest = records.Select(r => r.Split(':')[1].Split('=')).ToDictionary(r => r[0], r => r[1]); // throws when a key is there twice before the active segment
        Assert.Equal("v27", latest["k0"]);
        Assert.Equal("v28", latest["k1"]);
        Assert.Equal("v29", latest["k2"]);
        Assert.Contains("27:k0=v27", records);
        Assert.Equal(31, h.Log.NextOffset);
        h.Reopen();
        Assert.Equal(records, h.Records());
        Assert.Equal(31, h.Log.NextOffset);
        Assert.Equal(0, h.Log.StartOffset);
    }

    [Fact]
    public void Housekeep_LatestOfEveryKey_NeverLost()
    {
        var random = new Random(42);
        using var h = new LogHarness([("cleanup.policy", "compact"), ("segment.bytes", "700"), ("min.cleanable.dirty.ratio", "0.01")]);
        var expected = new Dictionary<string, string>();
        for (var round = 0; round < 60; round++)
        {
            var batch = Enumerable.Range(0, random.Next(1, 6)).Select(i => ((string?)$"k{random.Next(15)}", (string?)$"v{round}.{i}")).ToArray();
            var bytes = Batches.At(h.Now, batch);
            h.Append(random.Next(3) == 0 ? Batches.Gzip(bytes) : bytes);
            foreach (var (key, value) in batch)
            {
                expected[key!] = value!;
            }

            if (random.Next(4) == 0)
            {
                h.Log.Housekeep();
            }

            if (random.Next(6) == 0)
            {
                h.Reopen();
            }

            var seen = new Dictionary<string, string>();
            foreach (var record in h.Records().Select(r => r.Split(':')[1].Split('=')))
            {
                seen[record[0]] = record[1];
            }

            Assert.Equal(expected.OrderBy(e => e.Key), seen.OrderBy(s => s.Key));
        }
    }

    [Fact]
    public void Read_OffsetThatWasCompactedAway_NextSurvivor()
    {
        using var h = new LogHarness(Compacted);
        for (var i = 0; i < 10; i++)
        {
            h.Append("k", $"v{i}");
        }

        h.Log.Housekeep();

        using var slice = h.Log.Read(1, 1000, atLeastOne: true);
        Assert.NotEqual(0, slice!.Length);
        DevKafka.Log.BatchHeader.TryRead(slice.Bytes.Span, out var header);
        Assert.True(header.BaseOffset >= 7, $"offset {header.BaseOffset}");
    }

    [Fact]
    public void Housekeep_Tombstone_HidesTheValueThenGoesWithTime()
    {
        using var h = new LogHarness(Compacted);
        h.Append("a", "1");
        h.Append("a", null);
        h.Append("b", "1");
        h.Append("c", "1");
        h.Append("d", "1");

        h.Log.Housekeep();
        Assert.Contains("1:a=null", h.Records());
        Assert.DoesNotContain("0:a=1", h.Records());

        h.Time.Advance(TimeSpan.FromSeconds(59));
        h.Log.Housekeep();
        Assert.Contains("1:a=null", h.Records());

        h.Time.Advance(TimeSpan.FromSeconds(2));
        h.Log.Housekeep();
        Assert.DoesNotContain(h.Records(), r => r.Contains(":a="));
        Assert.Contains("2:b=1", h.Records());
    }

    [Fact]
    public void Housekeep_TombstoneHorizon_OutlivesARestart()
    {
        using var h = new LogHarness(Compacted);
        h.Append("a", null);
        h.Append("b", "1");
        h.Append("c", "1");
        h.Log.Housekeep();
        h.Time.Advance(TimeSpan.FromSeconds(61));
        h.Reopen();
        h.Log.Housekeep();
        Assert.DoesNotContain("0:a=null", h.Records());
    }

    [Fact]
    public void Housekeep_TombstoneRewritten_KeepsItsTimestamp()
    {
        using var h = new LogHarness(Compacted);
        var written = h.Now;
        h.Append("a", null);
        h.Append("b", "1");
        h.Append("c", "1");
        h.Time.Advance(TimeSpan.FromMinutes(10));

        h.Log.Housekeep();

        Assert.Equal(new(written, 0), h.Log.FindTimestamp(0));
    }

    [Fact]
    public void Housekeep_OpaqueBatchBeforeATombstone_BothStay()
    {
        using var h = new LogHarness(Compacted);
        h.Append(Batches.Opaque(Batches.At(h.Now, ("a", "1"))));
        h.Append("a", null);
        h.Append("b", "1");
        h.Append("c", "1");
        h.Append("d", "1");
        h.Log.Housekeep();
        h.Time.Advance(TimeSpan.FromSeconds(61));
        h.Log.Housekeep();

        Assert.Equal(["0:opaque", "1:a=null"], h.Records().Take(2));
    }

    [Fact]
    public void Housekeep_GzipBatch_FilteredToo()
    {
        using var h = new LogHarness(Compacted);
        h.Append(Batches.Gzip(Batches.At(h.Now, ("a", "1"), ("b", "1"))));
        h.Append("a", "2");
        h.Append("c", "1");
        h.Append("d", "1");

        h.Log.Housekeep();

        Assert.Equal(["1:b=1", "2:a=2"], h.Records().Take(2));
    }

    [Fact]
    public void Housekeep_ShrunkSegments_AreMerged()
    {
        using var h = new LogHarness([("cleanup.policy", "compact"), ("segment.bytes", "1000"), ("min.cleanable.dirty.ratio", "0.01")]);
        for (var i = 0; i < 200; i++)
        {
            h.Append("k", $"v{i}");
        }

        h.Log.Housekeep();
        h.Log.Housekeep();
        h.Append("k", new string('x', 1000));
        h.Log.Housekeep();
        h.Log.Housekeep();

        Assert.True(h.Files.Count <= 4, $"{h.Files.Count} files");
    }

    [Fact]
    public void Open_SegmentLeftByAnInterruptedMerge_NotServedTwice()
    {
        using var h = new LogHarness([("cleanup.policy", "compact"), ("segment.bytes", "150"), ("min.cleanable.dirty.ratio", "0.01")]);
        for (var i = 0; i < 8; i++)
        {
            h.Append($"k{i % 4}", $"v{i}");
        }

        var before = h.Files.ToDictionary(f => f, File.ReadAllBytes);
        h.Log.Housekeep();
        var records = h.Records();
        h.Log.Dispose();
        foreach (var (path, bytes) in before.Where(f => !File.Exists(f.Key)))
        {
            File.WriteAllBytes(path, bytes);
        }

        File.WriteAllBytes(h.Files[0] + ".cleaned", [1, 2, 3]);
        h.Reopen();

        var keys = h.Records().Select(r => r.Split('=')[0]).ToList();
        Assert.Equal(keys.Distinct(), keys);
        Assert.Superset(records.ToHashSet(), h.Records().ToHashSet());
        Assert.Empty(Directory.GetFiles(h.Folder, "*.cleaned"));
    }
}
