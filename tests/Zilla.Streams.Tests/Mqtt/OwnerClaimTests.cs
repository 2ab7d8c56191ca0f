using System.Text;
using Zilla.Streams.Mqtt;

namespace Zilla.Streams.Tests.Mqtt;

public sealed class OwnerClaimTests
{
    [Fact]
    public void Encode_AsDocumented()
    {
        var claim = new OwnerClaim(11, "kafka-cache-0", 12);

        Assert.Equal("11", Encoding.UTF8.GetString(claim.EncodeKey()));
        Assert.Equal("""{"version":1,"instance":"kafka-cache-0","partitions":12}""", Encoding.UTF8.GetString(claim.EncodeValue()));
        Assert.Equal(claim, OwnerClaim.Decode(claim.EncodeKey(), claim.EncodeValue()));
    }

    [Fact]
    public void Decode_MembersThatAreNotKnown_ArePassedOver() =>
        Assert.Equal(new(0, "a", 1), OwnerClaim.Decode("0"u8, """{"more":[1],"version":1,"instance":"a","partitions":1}"""u8.ToArray()));

    [Theory]
    [InlineData("", """{"version":1,"instance":"a","partitions":12}""")]
    [InlineData("x", """{"version":1,"instance":"a","partitions":12}""")]
    [InlineData("1x", """{"version":1,"instance":"a","partitions":12}""")]
    [InlineData("-1", """{"version":1,"instance":"a","partitions":12}""")]
    [InlineData("99999999999", """{"version":1,"instance":"a","partitions":12}""")]
    [InlineData("1", "")]
    [InlineData("1", "{")]
    [InlineData("1", "[]")]
    [InlineData("1", """{"version":2,"instance":"a","partitions":12}""")]
    [InlineData("1", """{"version":"1","instance":"a","partitions":12}""")]
    [InlineData("1", """{"version":1,"partitions":12}""")]
    [InlineData("1", """{"version":1,"instance":"","partitions":12}""")]
    [InlineData("1", """{"version":1,"instance":7,"partitions":12}""")]
    [InlineData("1", """{"version":1,"instance":"a"}""")]
    [InlineData("1", """{"version":1,"instance":"a","partitions":1}""")]
    [InlineData("1", """{"version":1,"instance":"a","partitions":1.5}""")]
    [InlineData("1", """{"version":1,"instance":"a","partitions":70000}""")]
    public void Decode_WhatIsNoClaim_IsNull(string key, string value) => Assert.Null(OwnerClaim.Decode(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value)));

    [Fact]
    public void Decode_LongerThanAnyClaim_IsNull() => Assert.Null(OwnerClaim.Decode("1"u8, Encoding.UTF8.GetBytes($$"""{"version":1,"instance":"a","partitions":12,"more":"{{new string('x', 5000)}}"}""")));
}
