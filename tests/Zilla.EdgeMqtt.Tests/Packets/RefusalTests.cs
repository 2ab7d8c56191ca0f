using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Fuzz;

namespace Zilla.EdgeMqtt.Tests.Packets;

/// <summary>What the standards forbid, clause by clause, and the reason code that MQTT 5 gives it.</summary>
public class RefusalTests
{
    private const byte Malformed = 0x81, Protocol = 0x82;

    [Theory]
    [InlineData(4, 0x81, "10(0004'MQTT' 04 03 0000 0000)", "MQTT-3.1.2-3: reserved flag")]
    [InlineData(4, 0x82, "10(0004'MQTT' 04 42 0000 0000 0001'p')", "3.1.1 MQTT-3.1.2-22: password without user name")]
    [InlineData(4, 0x81, "10(0004'MQTT' 04 1E 0000 0000 0001'w' 0000)", "MQTT-3.1.2-12: will QoS 3")]
    [InlineData(4, 0x82, "10(0004'MQTT' 04 0A 0000 0000)", "MQTT-3.1.2-11: will QoS without a will")]
    [InlineData(4, 0x82, "10(0004'MQTT' 04 22 0000 0000)", "MQTT-3.1.2-13: will retain without a will")]
    [InlineData(4, 0x82, "10(0004'MQTT' 04 06 0000 0000 0001'+' 0000)", "MQTT-4.7.1-1: wildcard in the will topic")]
    [InlineData(4, 0x82, "10(0004'MQTT' 04 06 0000 0000 0000 0000)", "MQTT-4.7.3-1: empty will topic")]
    [InlineData(4, 0x85, "10(0004'MQTT' 04 00 0000 0000)", "3.1.1 MQTT-3.1.3-8: session to keep, no client id")]
    [InlineData(4, 0x84, "10(0006'MQIsdp' 03 02 0000 0001'c')", "MQTT-3.1.2-1: MQTT 3.1")]
    [InlineData(4, 0x84, "10(0004'MQTT' 03 02 0000 0001'c')", "MQTT-3.1.2-2: level 3")]
    [InlineData(5, 0x84, "10(0004'MQTT' 06 02 0000 00 0001'c')", "MQTT-3.1.2-2: level 6")]
    [InlineData(4, 0x84, "10(0004'MQTT' 84 02 0000 0001'c')", "MQTT-3.1.2-2: a bridge")]
    [InlineData(4, 0x84, "10(0004'mqtt' 04 02 0000 0000)", "MQTT-3.1.2-1: lower case")]
    [InlineData(4, 0x81, "10(0004'MQTT' 04 02 0000 0001 00)", "MQTT-1.5.4-2: U+0000")]
    [InlineData(4, 0x81, "10(0004'MQTT' 04 02 0000 0003 EDA080)", "MQTT-1.5.4-1: a surrogate")]
    [InlineData(4, 0x81, "10(0004'MQTT' 04 02 0000 0002 C080)", "MQTT-1.5.4-1: an overlong form")]
    [InlineData(4, 0x81, "10(0004'MQTT' 04 02 0000 0000 00)", "2.1.4: a byte too many")]
    [InlineData(5, 0x81, "10(0004'MQTT' 05 02 0000 (01 00) 0000)", "2.2.2.2: not a property of CONNECT")]
    [InlineData(5, 0x81, "10(0004'MQTT' 05 02 0000 (7F 00) 0000)", "2.2.2.2: no such property")]
    [InlineData(5, 0x81, "10(0004'MQTT' 05 02 0000 (8100) 0000)", "2.2.2.2: no such property")]
    [InlineData(5, 0x81, "10(0004'MQTT' 05 02 0000 (21 00) 0000)", "2.2.2.2: a property cut short")]
    [InlineData(5, 0x81, "10(0004'MQTT' 05 02 0000 8000 0000)", "MQTT-1.5.5-1: length not in its shortest form")]
    [InlineData(5, 0x81, "10(0004'MQTT' 05 02 0000 FFFFFF7F 0000)", "2.1.4: properties longer than the packet")]
    [InlineData(5, 0x82, "10(0004'MQTT' 05 02 0000 (21 0001 21 0001) 0000)", "3.1.2.11.3: twice")]
    [InlineData(5, 0x82, "10(0004'MQTT' 05 02 0000 (21 0000) 0000)", "3.1.2.11.3: receive maximum 0")]
    [InlineData(5, 0x82, "10(0004'MQTT' 05 02 0000 (27 00000000) 0000)", "3.1.2.11.4: maximum packet size 0")]
    [InlineData(5, 0x82, "10(0004'MQTT' 05 02 0000 (19 02) 0000)", "3.1.2.11.6: request response information 2")]
    [InlineData(5, 0x82, "10(0004'MQTT' 05 02 0000 (17 02) 0000)", "3.1.2.11.7: request problem information 2")]
    [InlineData(5, 0x82, "10(0004'MQTT' 05 02 0000 (16 0000) 0000)", "3.1.2.11.10: authentication data without a method")]
    [InlineData(5, 0x81, "10(0004'MQTT' 05 02 0000 (26 0001'a' 0001 FF) 0000)", "MQTT-1.5.7-1: a pair that is not UTF-8")]
    [InlineData(5, 0x82, "10(0004'MQTT' 05 06 0000 () 0000 (01 02) 0001'w' 0000)", "3.1.3.2.3: payload format 2")]
    [InlineData(5, 0x81, "10(0004'MQTT' 05 06 0000 () 0000 (11 00000000) 0001'w' 0000)", "2.2.2.2: not a property of a will")]
    public void Connect(int level, byte reason, string picture, string clause)
    {
        Assert.False(ConnectPacket.TryRead(Wire.Frame(picture), out _, out var answerIn, out var error), clause);
        Assert.Equal((level, reason), ((int)answerIn, (byte)error.Reason));
    }

    [Theory]
    [InlineData(4, Malformed, "36(0001't' 0001)", "MQTT-3.3.1-4: QoS 3")]
    [InlineData(4, Protocol, "38(0001't')", "MQTT-3.3.1-2: DUP with QoS 0")]
    [InlineData(4, Protocol, "32(0001't' 0000)", "3.1.1 MQTT-2.3.1-1: packet identifier 0")]
    [InlineData(4, Malformed, "32(0001't' 00)", "2.1.4: no packet identifier")]
    [InlineData(4, Protocol, "30(0000)", "MQTT-4.7.3-1: empty topic")]
    [InlineData(4, Protocol, "30(0003'a/#')", "MQTT-3.3.2-2: wildcard")]
    [InlineData(4, Malformed, "30(0003'a/')", "2.1.4: topic longer than the packet")]
    [InlineData(5, Protocol, "30(0000())", "3.3.2.1: neither topic nor alias")]
    [InlineData(5, 0x94, "30(0001't'(23 0000))", "MQTT-3.3.2-8: alias 0")]
    [InlineData(5, Protocol, "30(0001't'(23 0001 23 0001))", "3.3.2.3.4: alias twice")]
    [InlineData(5, Protocol, "30(0001't'(0B 01))", "MQTT-3.3.4-6: subscription identifier from a client")]
    [InlineData(5, Protocol, "30(0001't'(01 02))", "3.3.2.3.2: payload format 2")]
    [InlineData(5, Protocol, "30(0001't'(01 01 01 01))", "2.2.2.2: payload format twice")]
    [InlineData(5, Protocol, "30(0001't'(08 0003'a/+'))", "MQTT-3.3.2-14: wildcard in the response topic")]
    [InlineData(5, Malformed, "30(0001't'(03 0001 FF))", "MQTT-3.3.2-19: content type not UTF-8")]
    [InlineData(5, Malformed, "30(0001't'(18 00000000))", "2.2.2.2: will delay in a PUBLISH")]
    [InlineData(5, Malformed, "30(0001't')", "2.2.2: no properties at all")]
    [InlineData(4, Protocol, "40(0000)", "packet identifier 0")]
    [InlineData(4, Malformed, "40(0001 00)", "3.1.1 3.4: a byte too many")]
    [InlineData(4, Malformed, "62(01)", "2.1.4: half an identifier")]
    [InlineData(5, Protocol, "40(0001 92)", "MQTT-3.4.2-1: not a reason of PUBACK")]
    [InlineData(5, Protocol, "62(0001 10)", "MQTT-3.6.2-1: not a reason of PUBREL")]
    [InlineData(5, Protocol, "40(0001 00 (1F 0000 1F 0000))", "3.4.2.2.2: reason string twice")]
    [InlineData(5, Malformed, "40(0001 00 () 00)", "2.1.4: a byte too many")]
    [InlineData(4, Protocol, "82(0001)", "3.1.1 MQTT-3.8.3-3: no filter")]
    [InlineData(5, Protocol, "82(0001 ())", "MQTT-3.8.3-2: no filter")]
    [InlineData(5, Protocol, "82(0000 () 0001't' 00)", "MQTT-2.2.1-3: packet identifier 0")]
    [InlineData(5, Protocol, "82(0001 () 0001't' 03)", "3.8.3.1: QoS 3")]
    [InlineData(5, Protocol, "82(0001 () 0001't' 30)", "3.8.3.1: retain handling 3")]
    [InlineData(5, Malformed, "82(0001 () 0001't' 40)", "MQTT-3.8.3-5: reserved options")]
    [InlineData(4, Malformed, "82(0001 0001't' 04)", "3.1.1 MQTT-3.8.3-4: reserved options")]
    [InlineData(5, Malformed, "82(0001 () 0001't')", "2.1.4: a filter without options")]
    [InlineData(5, Protocol, "82(0001 (0B 00) 0001't' 00)", "3.8.2.1.2: subscription identifier 0")]
    [InlineData(5, Malformed, "82(0001 (0B FFFFFFFF01) 0001't' 00)", "3.8.2.1.2: subscription identifier of five bytes")]
    [InlineData(5, Protocol, "82(0001 (0B 01 0B 02) 0001't' 00)", "3.8.2.1.2: subscription identifier twice")]
    [InlineData(5, Protocol, "82(0001 () 000A'$share/g/t' 04)", "MQTT-3.8.3-4: no local, shared")]
    [InlineData(5, Protocol, "82(0001 () 0003'a#b' 00)", "MQTT-4.7.1-1")]
    [InlineData(4, Protocol, "A2(0001)", "MQTT-3.10.3-2: no filter")]
    [InlineData(5, Protocol, "A2(0001 ())", "MQTT-3.10.3-2: no filter")]
    [InlineData(5, Protocol, "A2(0001 () 0000)", "MQTT-4.7.3-1: empty filter")]
    [InlineData(5, Malformed, "C0(00)", "3.12: a body")]
    [InlineData(4, Malformed, "E0(00)", "3.1.1 3.14: a body")]
    [InlineData(5, Protocol, "E0(8E)", "MQTT-3.14.2-1: a reason of the server's")]
    [InlineData(5, Malformed, "E0(00 (21 0001))", "2.2.2.2: not a property of DISCONNECT")]
    [InlineData(5, Protocol, "F0(18)", "3.15.2.2.2: no authentication method")]
    [InlineData(5, Protocol, "F0(17 (15 0000))", "MQTT-3.15.2-1: not a reason of AUTH")]
    public void OfAClient(int level, byte reason, string picture, string clause) => Refused(level, MqttSender.Client, reason, picture, clause);

    [Theory]
    [InlineData(4, Malformed, "20(02 00)", "MQTT-3.2.2-1: reserved flags")]
    [InlineData(4, Protocol, "20(00 06)", "3.1.1 3.2.2.3: reserved return code")]
    [InlineData(4, Protocol, "20(01 05)", "MQTT-3.2.2-6: session present at a failure")]
    [InlineData(5, Protocol, "20(00 05 ())", "MQTT-3.2.2-8: not a reason of CONNACK")]
    [InlineData(5, Protocol, "20(00 00 (24 02))", "3.2.2.3.4: maximum QoS 2")]
    [InlineData(5, Protocol, "20(00 00 (25 02))", "3.2.2.3.5: retain available 2")]
    [InlineData(5, Protocol, "20(00 00 (21 0000))", "3.2.2.3.3: receive maximum 0")]
    [InlineData(5, Malformed, "20(00 00 (19 01))", "2.2.2.2: not a property of CONNACK")]
    [InlineData(4, Protocol, "90(0001 03)", "3.1.1 MQTT-3.9.3-2: reserved return code")]
    [InlineData(5, Protocol, "90(0001 () 03)", "MQTT-3.9.3-2: not a reason of SUBACK")]
    [InlineData(5, Protocol, "B0(0001 () 01)", "MQTT-3.11.3-2: not a reason of UNSUBACK")]
    [InlineData(5, Protocol, "E0(04)", "MQTT-3.14.2-1: a reason of the client's")]
    [InlineData(5, Protocol, "E0(00 (11 00000000))", "MQTT-3.14.2-2: session expiry from a server")]
    public void OfAServer(int level, byte reason, string picture, string clause) => Refused(level, MqttSender.Server, reason, picture, clause);

    private static void Refused(int level, MqttSender sender, byte reason, string picture, string clause)
    {
        var version = (MqttVersion)level;
        Assert.True(PacketFuzz.Rewrite(Wire.Frame(picture, version), version, sender, out var error) is null, clause);
        Assert.Equal(reason, (byte)error.Reason);
    }
}
