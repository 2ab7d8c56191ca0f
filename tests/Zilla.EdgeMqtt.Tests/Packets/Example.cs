using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Packets;

/// <summary>A packet as <see cref="Wire.Bytes"/> reads it: one or more of each kind and version after the standards' figures, each in its shortest form.</summary>
public sealed record Example(string Name, int Level, bool FromClient, string Picture)
{
    public static IReadOnlyList<Example> All { get; } =
    [
        // Flags EE: user name, password, will with QoS 1 and retain, clean start.
        new("CONNECT", 4, true, "10(0004'MQTT' 04 EE 000A 0003'cli' 0004'will' 0003'bye' 0004'user' 0003'pwd')"),
        new("CONNECT, the least", 4, true, "10(0004'MQTT' 04 02 0000 0000)"),
        new("CONNACK", 4, false, "20(01 00)"),
        new("CONNACK, refused", 4, false, "20(00 05)"),
        new("PUBLISH, QoS 0", 4, true, "31(0003'a/b' 'payload')"),
        new("PUBLISH, QoS 2", 4, true, "3C(0003'a/b' 000A)"),
        new("PUBACK", 4, true, "40(0001)"),
        new("PUBREC", 4, true, "50(0002)"),
        new("PUBREL", 4, true, "62(0003)"),
        new("PUBCOMP", 4, true, "70(FFFF)"),
        new("SUBSCRIBE", 4, true, "82(000A 0003'a/b' 01 0003'c/d' 02)"),
        new("SUBACK", 4, false, "90(000A 00 01 02 80)"),
        new("UNSUBSCRIBE", 4, true, "A2(000A 0003'a/b' 0003'c/d')"),
        new("UNSUBACK", 4, false, "B0(000A)"),
        new("PINGREQ", 4, true, "C0()"),
        new("PINGRESP", 4, false, "D0()"),
        new("DISCONNECT", 4, true, "E0()"),

        new("CONNECT", 5, true,
            "10(0004'MQTT' 05 EE 000A (11 0000000A 21 0014 22 0005 19 01 17 00 26 0001'a' 0001'b') 0003'cli'"
            + "(18 00000001 01 01 02 00000002 03 0001't' 08 0001'r' 09 0002 0001) 0004'will' 0003'bye' 0001'u' 0001'p')"),
        new("CONNECT, authentication, password without user name", 5, true, "10(0004'MQTT' 05 40 003C (15 0004'SCRA' 16 0002 01FF 27 00010000) 0000 0001'p')"),
        new("CONNACK", 5, false, "20(01 00 (11 0000000A 21 0014 24 01 25 01 27 00010000 12 0001'c' 22 0005 1F 0001'r' 26 0001'a' 0001'b' 28 01 29 01 2A 01 13 000A 1A 0001'i' 1C 0001's'))"),
        new("CONNACK, refused", 5, false, "20(00 8C ())"),
        new("PUBLISH, QoS 0", 5, true, "30(0003'a/b' () 'payload')"),
        new("PUBLISH, QoS 1", 5, true, "3B(0003'a/b' 000A (01 01 02 00000E10 23 0001 08 0001'r' 09 0001 FF 26 0001'a' 0001'b' 26 0001'a' 0001'c' 03 0004'text') 'payload')"),
        new("PUBLISH, topic alias only", 5, true, "34(0000 000A (23 0001))"),
        new("PUBLISH, two subscription identifiers", 5, false, "30(0003'a/b' (0B 01 0B FFFFFF7F) 'x')"),
        new("PUBACK, success", 5, true, "40(0001)"),
        new("PUBACK, reason", 5, true, "40(0001 10)"),
        new("PUBACK, properties", 5, true, "40(0001 97 (1F 0001'r' 26 0001'a' 0001'b'))"),
        new("PUBREC", 5, true, "50(0002 91)"),
        new("PUBREL", 5, true, "62(0003 92 (1F 0001'r'))"),
        new("PUBCOMP", 5, true, "70(FFFF 92)"),
        new("SUBSCRIBE", 5, true, "82(000A (0B FF7F 26 0001'a' 0001'b') 0003'a/#' 2E 000A'$share/g/+' 01)"),
        new("SUBACK", 5, false, "90(000A (1F 0001'r') 00 01 02 87 9E)"),
        new("UNSUBSCRIBE", 5, true, "A2(000A (26 0001'a' 0001'b') 0003'a/b' 0001'#')"),
        new("UNSUBACK", 5, false, "B0(000A () 00 11)"),
        new("PINGREQ", 5, true, "C0()"),
        new("PINGRESP", 5, false, "D0()"),
        new("DISCONNECT", 5, true, "E0()"),
        new("DISCONNECT, with will and expiry", 5, true, "E0(04 (11 00000000))"),
        new("DISCONNECT, by the server", 5, false, "E0(9D (1C 0001's' 1F 0001'r'))"),
        new("AUTH", 5, true, "F0(18 (15 0004'SCRA' 16 0002 01FF))"),
        new("AUTH, success", 5, false, "F0()"),
    ];

    public static TheoryData<Example> Each => [.. All];

    internal MqttVersion Version => (MqttVersion)Level;

    internal MqttSender Sender => FromClient ? MqttSender.Client : MqttSender.Server;

    internal byte[] Bytes => Wire.Bytes(Picture);

    public override string ToString() => $"{Name} ({Level})";
}
