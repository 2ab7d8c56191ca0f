using Zilla.Edge.Http;

namespace Zilla.Edge.Tests.Http;

public sealed class RandomIdsTests
{
    [Fact]
    public void Next_IsRandom_AndSaysSo()
    {
        // More than are made at a time, on several threads.
        const int Count = 1000;
        var ids = new Guid[Count];
        Parallel.For(0, Count, i => ids[i] = RandomIds.Next());
        Assert.Equal(Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal((4, 8), (id.Version, id.Variant & 0b1100)));

        // Each of the other 122 bits is set in some and not in others.
        var bytes = ids.Select(id => id.ToByteArray(bigEndian: true)).ToArray();
        var (all, any) = (bytes.Aggregate(And), bytes.Aggregate(Or));
        Assert.Equal("00000000000040008000000000000000", Convert.ToHexString(all));
        Assert.Equal("FFFFFFFFFFFF4FFFBFFFFFFFFFFFFFFF", Convert.ToHexString(any));

        static byte[] And(byte[] a, byte[] b) => [.. a.Zip(b, (x, y) => (byte)(x & y))];

        static byte[] Or(byte[] a, byte[] b) => [.. a.Zip(b, (x, y) => (byte)(x | y))];
    }
}
