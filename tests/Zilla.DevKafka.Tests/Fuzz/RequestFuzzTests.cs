using Zilla.DevKafka.Tests.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Fuzz;

public sealed class RequestFuzzTests
{
    [Fact]
    public void Fuzz_EveryApiAndVersionWithRandomBodies_Survives()
    {
        var random = new Random(1);
        foreach (var range in RequestFuzz.Table.Ranges)
        {
            for (var version = range.Minimum; version <= range.Maximum; version++)
            {
                for (var round = 0; round < 40; round++)
                {
                    // Small numbers make plausible lengths, so that parsing gets deep.
                    var body = new byte[random.Next(120)];
                    random.NextBytes(body);
                    for (var i = 0; i < body.Length; i++)
                    {
                        body[i] = random.Next(3) switch { 0 => 0, 1 => (byte)(body[i] % 4), _ => body[i] };
                    }

                    RequestFuzz.Fuzz([0, (byte)range.Key, 0, (byte)version, 0, 0, 0, 1, 0xFF, 0xFF, .. range.FlexibleFrom <= version ? new byte[] { 0 } : [], .. body]);
                }
            }
        }
    }

    [Fact]
    public void Fuzz_ValidProduceMutated_Survives()
    {
        var valid = ProduceRequest();
        RequestFuzz.Fuzz(valid);
        var random = new Random(2);
        for (var at = 0; at < valid.Length; at++)
        {
            RequestFuzz.Fuzz(valid.AsSpan(0, at));
            foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)random.Next(256) })
            {
                var mutated = valid.ToArray();
                mutated[at] = value;
                RequestFuzz.Fuzz(mutated);
            }
        }
    }

    [Theory]
    [InlineData(99, 0)]   // unknown key
    [InlineData(-1, 0)]
    [InlineData(3, 99)]   // unknown version of Metadata
    [InlineData(1, 3)]    // Fetch of before Kafka 0.11
    public async Task HandleAsync_UnknownKeyOrVersion_ProtocolException(short key, short version)
    {
        using var response = new WireWriter();
        await Assert.ThrowsAsync<ProtocolException>(async () =>
            await RequestFuzz.Table.HandleAsync(new byte[] { (byte)(key >> 8), (byte)key, 0, (byte)version, 0, 0, 0, 1, 0xFF, 0xFF }, System.Net.IPAddress.Loopback, response, default));
    }

    [Fact]
    public async Task HandleAsync_ApiVersionsOfTheFuture_VersionZeroWithError35()
    {
        using var response = new WireWriter();
        // ApiVersions = 18, version 90, correlation 5
        Assert.True(await RequestFuzz.Table.HandleAsync(new byte[] { 0, 18, 0, 90, 0, 0, 0, 5, 0xFF, 0xFF }, System.Net.IPAddress.Loopback, response, default));

        var reader = new WireReader(response.Finish());
        Assert.Equal(response.Length - 4, reader.Int32());
        Assert.Equal(5, reader.Int32());
        Assert.Equal((short)ErrorCode.UnsupportedVersion, reader.Int16());
        var ranges = reader.Array(r => (Key: r.Int16(), Minimum: r.Int16(), Maximum: r.Int16()));
        Assert.Contains(((short)0, (short)0, (short)10), ranges);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public async Task HandleAsync_ProduceOfThreePartitions_EachAnsweredForItself()
    {
        using var response = new WireWriter();
        Assert.True(await RequestFuzz.Table.HandleAsync(ProduceRequest(), System.Net.IPAddress.Loopback, response, default));

        var reader = new WireReader(response.Finish()[8..]);
        reader.Array(t =>
        {
            Assert.Equal("t", t.String());
            var errors = t.Array(p =>
            {
                var index = p.Int32();
                var error = (ErrorCode)p.Int16();
                p.Int64();
                p.Int64();
                p.Int64();
                return (index, error);
            });
            Assert.Equal([(1, ErrorCode.None), (5, ErrorCode.UnknownTopicOrPartition), (0, ErrorCode.CorruptMessage)], errors);
            return 0;
        });
    }

    /// <summary>Produce v7, acks=1: a good batch for t/1, one for a partition that does not exist, and one with a wrong CRC for t/0.</summary>
    private static byte[] ProduceRequest()
    {
        using var w = new WireWriter();
        w.Int16(0);
        w.Int16(7);
        w.Int32(1);
        w.String("client");
        w.String(null);
        w.Int16(1);
        w.Int32(1000);
        var damaged = Batches.Foreign.ToArray();
        damaged[^1] ^= 1;
        w.Array(["t"], (t, topic) =>
        {
            t.String(topic);
            t.Array([(1, Batches.Foreign), (5, Batches.Foreign), (0, damaged)], (p, partition) =>
            {
                p.Int32(partition.Item1);
                p.Bytes(partition.Item2);
            });
        });
        return w.Written.ToArray();
    }
}
