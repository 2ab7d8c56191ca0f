using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>Whatever a client sends costs its own connection at most. Fixed seeds, so that a failure is one that can be repeated.</summary>
public sealed class HostileInputTests
{
    private const string Connect = "10 (0004'MQTT' 05 02 003C 00 0001'a')";

    [Fact]
    public async Task Connections_OfAnyBytes_EndAndHarmNobody()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var witness = await edge.ConnectAsync(clientId: "witness");
        var random = new Random(5);

        for (var round = 0; round < 300; round++)
        {
            await using var client = await edge.OpenAsync();
            var bytes = Wire.Bytes(Connect).Concat(Noise(random)).ToArray();
            if (round % 3 == 0)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            for (var at = 0; at < bytes.Length; at += 7)
            {
                try
                {
                    await client.SendAsync(bytes.AsMemory(at, Math.Min(7, bytes.Length - at)));
                }
                catch (IOException)
                {
                    break; // it has ended already
                }
            }
        }

        await witness.PingAsync();
        await Eventually.HoldsAsync(() => edge.Sessions.Opened.Count(session => !session.IsDisposed) == 1);
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains("failed", StringComparison.Ordinal));
    }

    /// <summary>Packets of any type, of plausible lengths, with contents of small numbers, so that reading gets deep.</summary>
    private static IEnumerable<byte> Noise(Random random)
    {
        for (var packet = 0; packet < 12; packet++)
        {
            var body = new byte[random.Next(30)];
            for (var i = 0; i < body.Length; i++)
            {
                body[i] = random.Next(3) switch { 0 => 0, 1 => (byte)random.Next(8), _ => (byte)random.Next(256) };
            }

            var type = random.Next(4) switch { 0 => PacketType.Publish, 1 => PacketType.Subscribe, _ => (PacketType)random.Next(1, 16) };
            yield return (byte)(((int)type << 4) | (type is PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe ? 2 : type == PacketType.Publish ? random.Next(16) : 0));
            yield return (byte)body.Length;
            foreach (var one in body)
            {
                yield return one;
            }
        }
    }
}
