using Zilla.Load.Mqtt.Noise;

namespace Zilla.Load.Tests.Mqtt;

public class MalformedTests
{
    [Fact]
    public void Next_SameSeed_SameBytes() => Assert.Equal(Take(new Malformed(7), 200).Select(Convert.ToHexString), Take(new Malformed(7), 200).Select(Convert.ToHexString));

    [Fact]
    public void Next_EveryFamilyInBothVersions_IsChanged()
    {
        var connections = Take(new Malformed(7), 20 * 2 * Malformed.Families.Count);

        // Behind a CONNECT that is sound: of version 5 and 4 in turns.
        var behind = connections.Where((_, i) => i % Malformed.Families.Count != 0).ToList();
        Assert.All(behind, bytes => Assert.Equal("MQTT"u8.ToArray(), bytes[4..8]));
        Assert.Equal([4, 5], behind.Select(bytes => bytes[8]).Distinct().Order().Select(version => (int)version));
        Assert.True(connections.Select(Convert.ToHexString).Distinct().Count() == connections.Count, "no two are the same");
    }

    private static List<byte[]> Take(Malformed malformed, int count) => [.. Enumerable.Range(0, count).Select(_ => malformed.Next())];
}
