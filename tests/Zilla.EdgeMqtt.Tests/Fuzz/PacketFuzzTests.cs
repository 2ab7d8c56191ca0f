using Zilla.EdgeMqtt.Tests.Packets;

namespace Zilla.EdgeMqtt.Tests.Fuzz;

/// <summary>Keeps the target alive: fixed seeds, so that a failure is one that can be repeated.</summary>
public class PacketFuzzTests
{
    [Fact]
    public void Fuzz_EveryExample_IsSoundInItsVersion()
    {
        foreach (var example in Example.All)
        {
            Assert.InRange(PacketFuzz.Fuzz(example.Bytes), 1, 4);
        }
    }

    [Fact]
    public void Fuzz_ExamplesWithAnyByteChangedOrCut_Survives()
    {
        var random = new Random(1);
        foreach (var example in Example.All)
        {
            var whole = example.Bytes;
            for (var at = 0; at < whole.Length; at++)
            {
                PacketFuzz.Fuzz(whole.AsSpan(0, at));
                foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(whole[at] + 1), (byte)(whole[at] - 1), (byte)random.Next(256) })
                {
                    var mutated = whole.ToArray();
                    mutated[at] = value;
                    PacketFuzz.Fuzz(mutated);
                }
            }
        }
    }

    [Fact]
    public void Fuzz_RandomBodiesOfEveryType_Survives()
    {
        var random = new Random(2);
        var sound = 0;
        for (var round = 0; round < 20_000; round++)
        {
            // Small numbers make plausible lengths, so that reading gets deep.
            var body = new byte[random.Next(40)];
            random.NextBytes(body);
            for (var i = 0; i < body.Length; i++)
            {
                body[i] = random.Next(3) switch { 0 => 0, 1 => (byte)(body[i] % 40), _ => body[i] };
            }

            var type = 1 + (round % 15);
            sound += PacketFuzz.Fuzz([(byte)((type << 4) | (type is 6 or 8 or 10 ? 2 : type == 3 ? random.Next(16) : 0)), (byte)body.Length, .. body]);
        }

        Assert.True(sound > 100, $"only {sound} were sound");
    }
}
