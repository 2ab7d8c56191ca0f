using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Delivery;

public sealed class PacketIdsTests
{
    /// <summary>Reports of a session's messages go by topic, so what was sent last need not stand last.</summary>
    [Theory]
    [InlineData(1, new int[0])]
    [InlineData(4, new[] { 1, 3, 2 })]
    [InlineData(40_001, new[] { 40_000, 39_999 })]
    [InlineData(2, new[] { 65_535, 1, 65_534 })]
    [InlineData(1, new[] { 65_535 })]
    public void Next_IsBehindAllThatWereUnderWay(int expected, int[] underWay)
    {
        var ids = new PacketIds();
        var entries = underWay.Select((id, index) => new InFlight((ushort)id, index, QualityOfService.AtLeastOnce, "a", (0, index))).ToList();
        Assert.All(entries, entry => Assert.True(ids.TryAdd(entry)));
        entries.ForEach(entry => ids.Remove(entry));

        Assert.Equal(expected, ids.Next());
    }
}
