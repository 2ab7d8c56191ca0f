using System.Text;
using Zilla.Streams.Kafka;

namespace Zilla.Streams.Tests.Kafka;

public sealed class Murmur2Tests
{
    /// <summary>Hashes that Apache Kafka's own tests (UtilsTest) have.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Partition_AsKafkaHasIt(string key, int hash)
    {
        var positive = hash & int.MaxValue;

        Assert.Equal(positive, Murmur2.Partition(Encoding.ASCII.GetBytes(key), int.MaxValue));
        Assert.Equal(positive % 12, Murmur2.Partition(Encoding.ASCII.GetBytes(key), 12));
    }
}
