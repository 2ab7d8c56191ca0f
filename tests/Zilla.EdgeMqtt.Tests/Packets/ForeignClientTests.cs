using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Fuzz;

namespace Zilla.EdgeMqtt.Tests.Packets;

/// <summary>Packets as the codec of MQTT.js 5 writes them, with nearly every property that a client can send: read, and written to the same bytes.</summary>
public class ForeignClientTests
{
    [Theory]
    [InlineData(5, "105D00044D51545405F6003C23110000003C21001427000003E822000319011701260001610001621500016D160001010001631F"
        + "18000000050101020000000903000174080001720900010226000161000162000177000178000175000170")]
    [InlineData(4, "100D00044D5154540402003C000163")]
    [InlineData(5, "3B270003612F62000A1D01010200000009230003080001720900010226000161000162030001746869")]
    [InlineData(5, "822000060A0B9101260001610001620003612F231D000A2473686172652F672F2B02")]
    [InlineData(5, "A212000707260001610001620001610003622F23")]
    [InlineData(5, "400F0002100B1F00017226000161000162")]
    [InlineData(5, "62020002")]
    [InlineData(5, "E00B040911000000911F000172")]
    [InlineData(5, "F00B18091500016D1600020102")]
    public void Rewrite_IsTheSameBytes(int level, string hexadecimal)
    {
        var written = PacketFuzz.Rewrite(Wire.Frame(hexadecimal, (MqttVersion)level), (MqttVersion)level, MqttSender.Client, out var error);

        Assert.Equal(default, error);
        Assert.Equal(hexadecimal, Convert.ToHexString(written!));
    }
}
