using Microsoft.Extensions.Configuration;
using Zilla.ServiceDefaults.Channel;

namespace Zilla.ServiceDefaults.Tests.Channel;

public sealed class ChannelOptionsTests
{
    private const string First = "first-0123456789";
    private const string Second = "second-0123456789";

    [Theory]
    [InlineData(First + "," + Second)]
    [InlineData(First + "\n" + Second + "\n")]
    public void Keys_Two_TheFirstIsSentAndEachIsAccepted(string text)
    {
        var keys = new ChannelKeys(Read(("Key", text)));

        Assert.Equal($"Bearer {First}", keys.Authorization);
        Assert.True(keys.Accept($"Bearer {First}"));
        Assert.True(keys.Accept($"bearer {Second}"));
        Assert.False(keys.Accept($"Bearer {text}"));
        Assert.False(keys.Accept($"Basic {First}"));
        Assert.False(keys.Accept(First));
        Assert.False(keys.Accept("Bearer "));
        Assert.False(keys.Accept(""));
    }

    [Fact]
    public void Keys_None_NothingIsSent() => Assert.Equal((false, null), (new ChannelKeys(Read()).AreSet, new ChannelKeys(Read(("Key", ""))).Authorization));

    [Fact]
    public void KeyFile_HoldsTheKey_UnlessItIsGivenItself()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Second + "\n");
            Assert.Equal([Second], Read(("KeyFile", file)).Keys);
            Assert.Equal([First], Read(("KeyFile", file), ("Key", First)).Keys);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("Key", "too-short", "Zilla:Channel:Key is one key")]
    [InlineData("Key", "a-very-long-key-with-an-ümlaut", "Zilla:Channel:Key is one key")]
    [InlineData("Key", First + "," + Second + ",third-0123456789", "Zilla:Channel:Key is one key")]
    [InlineData("KeyFile", "/nowhere/key", "Zilla:Channel:KeyFile cannot be read")]
    [InlineData("AllowWithoutKey", "perhaps", "is true or false, not 'perhaps'")]
    [InlineData("AuthorityFile", "/nowhere/ca.pem", "go together")]
    [InlineData("CertificateFile", "/nowhere/own.pem", "go together")]
    public void Settings_ThatCannotBeUsed_AreRefusedByName_AndNoKeyIsSaid(string name, string value, string reason)
    {
        var refused = Assert.Throws<FormatException>(() => Read((name, value)));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.True(name != "Key" || !refused.Message.Contains(value, StringComparison.Ordinal));
    }

    private static ChannelOptions Read(params (string Name, string Value)[] settings) => ChannelOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"Zilla:Channel:{s.Name}", (string?)s.Value))).Build());
}
