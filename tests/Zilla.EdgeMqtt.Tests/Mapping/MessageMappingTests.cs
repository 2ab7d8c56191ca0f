using System.Text;
using Zilla.Edge.Guards;
using Zilla.EdgeMqtt.Mapping;

namespace Zilla.EdgeMqtt.Tests.Mapping;

public class MessageMappingTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "a/b", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "b", false)]
    [InlineData("#", "a/b", true)]
    [InlineData("a/{x}/c", "a/b/c", true)]
    [InlineData("a/{x}/c", "a/b", false)]
    [InlineData("a/{x}/c", "a/b/d", false)]
    public void Pattern_Matches(string pattern, string topic, bool matches) => Assert.Equal(matches, new RoutePattern(pattern).Matches(Encoding.UTF8.GetBytes(topic)));

    [Theory]
    [InlineData("a/{x}/+", "a/#", true)]
    [InlineData("a/{x}/+", "+/b/+", true)]
    [InlineData("a/{x}/+", "a/b/c", true)]
    [InlineData("a/{x}/+", "a/b", false)]
    [InlineData("a/{x}/+", "a/b/c/#", true)]
    [InlineData("a/{x}/+", "a/b/c/d", false)]
    [InlineData("a/{x}/+", "b/#", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "+/b", true)]
    [InlineData("a/#", "#", true)]
    [InlineData("a/#", "+", true)]
    [InlineData("a/#", "b/+", false)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("$SYS/#", "#", false)]
    [InlineData("$SYS/#", "$SYS/+", true)]
    public void Pattern_Meets(string pattern, string filter, bool meets) => Assert.Equal(meets, new RoutePattern(pattern).Meets(Encoding.UTF8.GetBytes(filter)));

    [Fact]
    public void NoRoutes_EverythingIsInTheDefaultTopic()
    {
        var mapping = Messages.Mapping();

        Assert.Equal("mqtt-messages", mapping.MessagesOf("a/b"));
        Assert.Equal(["mqtt-messages"], Of(mapping, "a/#"));
        Assert.Equal(("cluster", "mqtt-retained"), (mapping.Retained.Cluster, mapping.Retained.Topic));
    }

    [Fact]
    public void Publish_FirstRouteThatTakesIt()
    {
        var mapping = Messages.Mapping(null, Messages.Route("alarms", publish: ["+/alarm"]), Messages.Route("sensors-${params.id}", publish: ["sensors/{id}/#", "probes/{id}"]));

        Assert.Equal("alarms", mapping.MessagesOf("sensors/alarm"));
        Assert.Equal("sensors-17", mapping.MessagesOf("sensors/17/state"));
        Assert.Equal("sensors-18", mapping.MessagesOf("probes/18"));
        Assert.Equal("mqtt-messages", mapping.MessagesOf("other"));
        Assert.Null(mapping.MessagesOf("sensors/not a name/x"));
    }

    [Fact]
    public void Publish_RouteOnlySubscribes_DoesNotTakeIt() => Assert.Equal("mqtt-messages", Messages.Mapping(null, Messages.Route("t", subscribe: ["a"])).MessagesOf("a"));

    [Fact]
    public void Publish_RouteWithoutAWhen_TakesEverything() => Assert.Equal("t", Messages.Mapping(null, Messages.Route("t")).MessagesOf("a"));

    [Fact]
    public void Subscribe_AllTopicsThatTheFilterMeets_OnceEach()
    {
        var mapping = Messages.Mapping(
            null, Messages.Route("alarms", subscribe: ["+/alarm"]), Messages.Route("sensors-${params.id}", subscribe: ["sensors/{id}/#"]), Messages.Route("alarms", subscribe: ["sensors/alarm"]),
            Messages.Route("never", publish: ["#"]));

        Assert.Equal(["alarms", "sensors-alarm", "mqtt-messages"], Of(mapping, "sensors/alarm/#"));
        Assert.Equal(["sensors-17", "mqtt-messages"], Of(mapping, "sensors/17/state"));
        Assert.Equal(["alarms", "mqtt-messages"], Of(mapping, "#"));
        Assert.Equal(["mqtt-messages"], Of(mapping, "other"));
    }

    private static string[] Of(MessageMapping mapping, string filter) => [.. mapping.Of(Encoding.UTF8.GetBytes(filter)).Select(topic => topic.Topic)];

    [Fact]
    public void For_GuardedRoute_IsThereForClientsThatItsRolesWereGranted()
    {
        var mapping = Messages.Mapping(null, Messages.Route("mqtt-vip", publish: ["#"], subscribe: ["#"]) with { Guarded = new Dictionary<string, IReadOnlyList<string>> { ["jwt"] = ["vip"] } });
        var vip = mapping.For(Grants.None.With(new Grant("jwt", "ann") { Roles = new HashSet<string> { "vip" } }));
        var other = mapping.For(Grants.None.With(new Grant("jwt", "bob")));

        Assert.Same(mapping, vip);
        Assert.Equal(("mqtt-vip", "mqtt-messages"), (vip.MessagesOf("a"), other.MessagesOf("a")));
        Assert.Equal(["mqtt-vip", "mqtt-messages"], vip.Of("a"u8).Select(topic => topic.Topic));
        Assert.Equal(["mqtt-messages"], other.Of("a"u8).Select(topic => topic.Topic));
    }
}
