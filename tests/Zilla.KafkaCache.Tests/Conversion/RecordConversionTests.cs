using System.Text;
using Zilla.KafkaCache.Conversion;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Conversion;

public sealed class RecordConversionTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    [Fact]
    public async Task Fill_InvalidValue_IsPassedOverAndCountsAsRead()
    {
        var topic = await kafka.Broker.CreateTopicAsync();
        await kafka.Broker.ProduceAsync(topic, (0, "a", "good"), (0, "b", "bad"), (0, "c", null), (0, "d", "bad"));
        await using var replica = await CacheReplica.StartAsync(kafka.BootstrapServers, conversion: new Upper());

        var read = await replica.Fetch(topic).ToEndAsync();

        Assert.Equal(["0/0:a=GOOD", "0/2:c=-"], read.Records);
        Assert.Equal(4, read.End![0]);
        Assert.Contains(replica.Log.Lines, line => line.Contains("@1 is not shown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Produce_InvalidValue_IsRefusedForTheReason()
    {
        var topic = await kafka.Broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(kafka.BootstrapServers, conversion: new Upper());

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => replica.Produce(topic).SendAsync("a", "bad"));

        Assert.Equal((Cause.InvalidRecord, "it is bad"), (broken.Cause, broken.Message));
        Assert.Equal(1, (await replica.Produce(topic).SendAsync("a", "good"))[0]);
    }

    private sealed class Upper : IRecordConversion
    {
        public bool TryFill(string topic, ref ReadOnlySpan<byte> value)
        {
            var text = Encoding.UTF8.GetString(value);
            value = Encoding.UTF8.GetBytes(text.ToUpperInvariant());
            return text != "bad";
        }

        public bool TryProduce(string topic, ref byte[] value, out string reason)
        {
            reason = "it is bad";
            return Encoding.UTF8.GetString(value) != "bad";
        }
    }
}
