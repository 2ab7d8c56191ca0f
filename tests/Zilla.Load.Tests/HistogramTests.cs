namespace Zilla.Load.Tests;

public class HistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(1)]
    public void Quantile_AllValuesOnce_IsAtMostTwoPercentAbove(double quantile)
    {
        const int Values = 100_000;
        var histogram = new Histogram();
        for (var i = 1; i <= Values; i++)
        {
            histogram.RecordMicroseconds(i);
        }

        var exact = (long)(quantile * Values);
        Assert.InRange(histogram.Quantile(quantile), exact, (long)(exact * 1.02));
    }

    [Fact]
    public void Quantile_SmallValues_IsExact()
    {
        var histogram = new Histogram();
        foreach (var value in new long[] { 3, 127, 64, 5 })
        {
            histogram.RecordMicroseconds(value);
        }

        Assert.Equal((3, 5, 127), (histogram.Quantile(0.25), histogram.Quantile(0.5), histogram.Quantile(1)));
    }

    [Fact]
    public void Quantile_NothingRecorded_IsZero() => Assert.Equal(0, new Histogram().Quantile(0.99));

    [Fact]
    public void Quantile_BeyondTheLastBucket_IsHeldThere()
    {
        var histogram = new Histogram();
        histogram.RecordMicroseconds(long.MaxValue);

        Assert.True(histogram.Quantile(1) > TimeSpan.FromMinutes(30).TotalMicroseconds);
    }

    [Fact]
    public void Add_TwoHistograms_CountsBoth()
    {
        var (first, second) = (new Histogram(), new Histogram());
        first.RecordMicroseconds(1);
        second.RecordMicroseconds(100);

        first.Add(second);

        Assert.Equal((2, 1, 100), (first.Count, first.Quantile(0.5), first.Quantile(1)));
    }
}
