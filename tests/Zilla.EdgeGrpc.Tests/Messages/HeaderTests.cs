using System.Globalization;
using System.Text;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Tests.Messages;

/// <summary>What stands in the headers and trailers of calls.</summary>
public sealed class HeaderTests
{
    [Theory]
    [InlineData("1S", 1_000_0000)]
    [InlineData("100m", 100_0000)]
    [InlineData("2M", 120_000_0000)]
    [InlineData("5u", 50)]
    [InlineData("1n", 1)]
    [InlineData("0n", 0)]
    [InlineData("99999999H", 99_999_999L * TimeSpan.TicksPerHour)]
    public void Timeout_IsRead(string text, long ticks)
    {
        Assert.True(CallTimeout.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData(" 1S")]
    [InlineData("1 S")]
    [InlineData("123456789S")]
    [InlineData("１S")]
    public void Timeout_OfAnotherForm_IsRefused(string text) => Assert.False(CallTimeout.TryParse(text, out _));

    [Theory]
    [InlineData("00:00:00.1", "100000u")]
    [InlineData("00:00:00", "0u")]
    [InlineData("00:00:00.0000001", "1u")]
    [InlineData("00:05:00", "300000m")]
    [InlineData("-00:00:01", "0u")]
    public void Timeout_IsWrittenAsFineAsThereIsRoom(string timeout, string text) =>
        Assert.Equal(text, CallTimeout.Format(TimeSpan.Parse(timeout, CultureInfo.InvariantCulture)));

    [Fact]
    public void Timeout_ForATimer_IsWhatItCanHold()
    {
        Assert.Equal(TimeSpan.FromDays(49), CallTimeout.ForTimer(TimeSpan.FromDays(49)));
        Assert.Equal(Timeout.InfiniteTimeSpan, CallTimeout.ForTimer(TimeSpan.FromDays(50)));
    }

    [Fact]
    public void Timeout_WrittenAndRead_IsNeverShorterAndHardlyLonger()
    {
        var random = new Random(3);
        for (var round = 0; round < 10_000; round++)
        {
            var timeout = new TimeSpan(random.NextInt64(1L << random.Next(1, 60)));
            Assert.True(CallTimeout.TryParse(CallTimeout.Format(timeout), out var read), timeout.ToString());
            Assert.InRange(read.Ticks, timeout.Ticks, Math.Max(timeout.Ticks + 10, timeout.Ticks / 1000 * 1001 + 10));
        }
    }

    [Theory]
    [InlineData("", 1, "")]
    [InlineData("AQI", 1, "0102")]
    [InlineData("AQI=", 1, "0102")]
    [InlineData("AQI=,Aw==", 2, "010203")]
    [InlineData("AQI, Aw", 2, "010203")]
    public void BinaryMetadata_IsRead(string header, int count, string bytes)
    {
        List<byte[]> values = [];
        Assert.True(MetadataValue.TryDecode(header, values));
        Assert.Equal(count, values.Count);
        Assert.Equal(bytes, Convert.ToHexString([.. values.SelectMany(v => v)]));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("A*I=")]
    [InlineData("AQI=x")]
    [InlineData("AQ,A")]
    public void BinaryMetadata_NotBase64_IsRefused(string header) => Assert.False(MetadataValue.TryDecode(header, []));

    [Fact]
    public void BinaryMetadata_IsWrittenWithoutPadding() => Assert.Equal("AQI", MetadataValue.Encode([1, 2]));

    [Theory]
    [InlineData("tenant", true)]
    [InlineData("trace-bin", true)]
    [InlineData("x_y.z-0", true)]
    [InlineData("Tenant", false)]
    [InlineData("grpc-status", false)]
    [InlineData("grpc-status-details-bin", true)]
    [InlineData(":path", false)]
    [InlineData("", false)]
    public void MetadataName_IsChecked(string name, bool isName) => Assert.Equal(isName, MetadataValue.IsName(name));

    [Theory]
    [InlineData("a b", true)]
    [InlineData("", true)]
    [InlineData(" a", false)]
    [InlineData("a\r\nb: c", false)]
    [InlineData("ü", false)]
    public void MetadataText_IsChecked(string value, bool isText) => Assert.Equal(isText, MetadataValue.IsText(Encoding.UTF8.GetBytes(value)));
}
