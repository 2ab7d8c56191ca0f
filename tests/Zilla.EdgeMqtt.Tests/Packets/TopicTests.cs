using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Packets;

public class TopicTests
{
    [Theory]
    [InlineData("$share/consumer1/sport/tennis/+", "consumer1", "sport/tennis/+")]
    [InlineData("$share/g//finance", "g", "/finance")]
    [InlineData("$share/g/$share/g/t", "g", "$share/g/t")]
    [InlineData("$share/g/#", "g", "#")]
    [InlineData("$share/g", null, null)]       // [MQTT-4.8.2-2] no filter
    [InlineData("$share/g/", null, null)]
    [InlineData("$share//t", null, null)]      // [MQTT-4.8.2-1] no name
    [InlineData("$share/", null, null)]
    [InlineData("$share/g+/t", null, null)]    // [MQTT-4.8.2-2] wildcards in the name
    [InlineData("$share/#/t", null, null)]
    [InlineData("$share/g/a#", null, null)]
    public void TopicFilter_Shared_NameAndFilterApart(string text, string? name, string? filter)
    {
        Assert.Equal(name is not null, TopicFilter.TryParse(text, MqttVersion.V5, out var parsed));
        if (name is not null)
        {
            Assert.Equal((text, name, filter), (parsed.Text.ToString(), parsed.ShareName.ToString(), parsed.Filter.ToString()));
        }
    }

    [Fact]
    public void TopicFilter_SharedIn311_IsAFilterLikeAnyOther()
    {
        Assert.True(TopicFilter.TryParse("$share/g/t", MqttVersion.V311, out var filter));
        Assert.False(filter.IsShared);
        Assert.Equal("$share/g/t", filter.Filter.ToString());
    }

    [Theory]
    [InlineData("41 F0AA9B94", true)]     // figure 1-2: A and U+2A6D4
    [InlineData("EFBBBF", true)]          // [MQTT-1.5.4-3] U+FEFF
    [InlineData("01 7F C285", true)]      // control characters: may be refused, and are not
    [InlineData("EFBFBF", true)]          // U+FFFF, likewise
    [InlineData("41 00", false)]          // [MQTT-1.5.4-2]
    [InlineData("EDA080 EDB080", false)]  // [MQTT-1.5.4-1] surrogates
    [InlineData("C080", false)]
    [InlineData("F4908080", false)]       // beyond U+10FFFF
    [InlineData("C3", false)]
    public void MqttString_IsWellFormed(string picture, bool expected) => Assert.Equal(expected, MqttString.IsWellFormed(Wire.Bytes(picture)));

    [Fact]
    public void MqttString_ByteOrderMark_StaysThere() => Assert.Equal("\uFEFFa", new MqttString(Wire.Bytes("EFBBBF'a'")).ToString());
}
