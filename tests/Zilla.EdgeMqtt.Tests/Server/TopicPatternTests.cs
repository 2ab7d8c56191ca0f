using System.Text;
using Zilla.Edge.Guards;
using Zilla.EdgeMqtt.Server;

namespace Zilla.EdgeMqtt.Tests.Server;

public sealed class TopicPatternTests
{
    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/+", true)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "a/#", true)]
    [InlineData("a/#", "a/+/#", true)]
    [InlineData("a/#", "#", false)]
    [InlineData("a/#", "+/b", false)]
    [InlineData("#", "#", true)]
    [InlineData("#", "a/+", true)]
    [InlineData("+/#", "#", false)] // compared level by level
    [InlineData("a/{x}/c", "a/b/c", true)]
    [InlineData("a/{x}/c", "a/+/c", true)]
    [InlineData("a/{x}/c", "a/b/d", false)]
    [InlineData("a/{y}/c", "a/one/c", true)]
    [InlineData("a/{y}/c", "a/two/c", false)]
    [InlineData("a/{y}/c", "a/+/c", false)]
    [InlineData("a/{me}/#", "a/ann/x", true)]
    [InlineData("a/{me}/#", "a/bob/x", false)]
    [InlineData("a/{me}/#", "a/+/x", false)]
    [InlineData("{org}/b", "acme/b", true)]
    public void Covers_TopicsAndFilters(string pattern, string topic, bool expected) =>
        Assert.Equal(expected, Compile(pattern).For(Client("ann"))!.Covers(Encoding.UTF8.GetBytes(topic)));

    [Fact]
    public void For_ClientThatLacksIt_IsNothing()
    {
        Assert.Null(Compile("a/{me}").For(Grants.None));
        Assert.Null(Compile("{org}/a").For(Grants.None.With(new Grant("jwt", "ann"))));
    }

    [Theory]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("a/b")]
    public void For_IdentityThatReadsLikeAFilter_IsNothing(string identity) => Assert.Null(Compile("a/{me}").For(Client(identity)));

    [Fact]
    public void Compile_ValueOfSeveralParts_IsRefused() =>
        Assert.Throws<FormatException>(() => TopicPattern.Compile("a/{x}", new Dictionary<string, string> { ["x"] = "u-${guarded['jwt'].identity}" }));

    private static TopicPattern Compile(string pattern) => TopicPattern.Compile(pattern, new Dictionary<string, string>
    {
        ["y"] = "one",
        ["me"] = "${guarded['jwt'].identity}",
        ["org"] = "${guarded['jwt'].attributes.org}",
    });

    private static Grants Client(string identity) => Grants.None.With(new Grant("jwt", identity) { Attributes = new Dictionary<string, string> { ["org"] = "acme" } });
}
