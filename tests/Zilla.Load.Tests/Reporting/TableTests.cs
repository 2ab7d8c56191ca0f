using Zilla.Load.Reporting;

namespace Zilla.Load.Tests.Reporting;

public class TableTests
{
    [Fact]
    public void Lines_ThreeRounds_CompareTheMedianOfTheRatios()
    {
        // 0.5, 0.8 and 2 as ratios: that of the medians would be 100 / 100.
        var lines = Table.Lines([.. Rounds("produce", "ours", 50, 160, 100), .. Rounds("produce", "peer", 100, 200, 50)]).ToArray();

        var cells = lines.Single(l => l.StartsWith("| HTTP produce", StringComparison.Ordinal)).Split(" | ");
        Assert.Equal(["100", "100", "0.8", "≥ 0.7 ✓"], cells[2..6]);
    }

    [Fact]
    public void Lines_GoalNotReached_SaysSo()
    {
        var lines = Table.Lines([.. Rounds("fetch", "ours", 10), .. Rounds("fetch", "peer", 100), Measurement.Parse("idle-5000\tours\tbytes=30000")]).ToArray();

        Assert.Contains(lines, l => l.Contains("≥ 0.6 **short**", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("≤ 20,480 **short**", StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_HighestValueBesideAPeer_IsOfOursAlone()
    {
        var lines = Table.Lines([Measurement.Parse("mqtt-idle\tours\tbytes=20000"), Measurement.Parse("mqtt-idle\tpeer\tbytes=2000")]).ToArray();

        Assert.Contains(lines, l => l.Contains("| 20,000 | 2,000 | 10 | ≤ 24,576 ✓ |", StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_PeerAlone_HasNoVerdict()
    {
        var line = Table.Lines([Measurement.Parse("publish-1\tpeer\trate=37000")]).Last();

        Assert.Contains("|  | 37,000 |  |  |", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_DeliveriesLost_AreNamed()
    {
        var lines = Table.Lines([Measurement.Parse("events-100\tours\trate=5\tfailed=3")]);

        Assert.Contains("**events-100, ours: 3 requests or deliveries failed.**", lines);
    }

    [Fact]
    public void Parse_WhatWasPrinted_IsTheSame()
    {
        var line = "produce\tpeer\trate=1234.5\tcpu.broker=1\tcpu.driver=3";

        var measurement = Measurement.Parse(line);

        Assert.Equal(line, measurement.ToString());
        Assert.Equal((0.25, 1234.5), (measurement.Share("broker"), measurement["rate"]));
    }

    [Fact]
    public void ServiceMicroseconds_LeavesTheDriverOut() =>
        Assert.Equal(30, Measurement.Parse("fetch\tours\tdone=100000\tcpu.driver=5\tcpu.edge=2\tcpu.broker=1").ServiceMicroseconds, precision: 6);

    [Fact]
    public void Share_NothingElseWatched_IsUnknown() => Assert.True(double.IsNaN(Measurement.Parse("frames\tours\tcpu.driver=1").Share("driver")));

    private static IEnumerable<Measurement> Rounds(string figure, string side, params double[] rates) =>
        rates.Select(r => new Measurement(figure, side, new Dictionary<string, double> { [Measurement.Rate] = r }));
}
