using Zilla.Load.Processes;

namespace Zilla.Load.Tests.Processes;

public class MemoryTrendTests
{
    [Fact]
    public void Growth_FilledAtTheStartOnly_IsNone() => Assert.Equal(0, Trend(10, 50, 90, 100, 100, 100, 100, 100, 100, 100, 100, 100).Growth, precision: 9);

    [Fact]
    public void Growth_Steady_IsTheLastQuarterOverTheSecond()
    {
        var trend = Trend(100, 110, 120, 130, 140, 150, 160, 170);

        Assert.Equal(160 / 120.0 - 1, trend.Growth, precision: 9);
        Assert.Equal(160, trend.Last);
    }

    [Fact]
    public void Growth_WhatIsGivenBack_DoesNotCount() => Assert.Equal(0, Trend(5, 5, 5, 9, 10, 11, 9, 10, 11, 60, 90, 9).Growth, precision: 9);

    [Fact]
    public void Growth_TooFewSamples_IsUnknown() => Assert.True(double.IsNaN(Trend(1, 2, 3).Growth));

    private static MemoryTrend Trend(params double[] samples)
    {
        var trend = new MemoryTrend();
        Array.ForEach(samples, trend.Add);
        return trend;
    }
}
