using System.Text;
using System.Text.Json;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Plans;

public sealed class PlanJsonTests
{
    [Fact]
    public void Deserialize_AbsentMembers_TakeTheirDefaults()
    {
        var plan = PlanJson.Deserialize("""
            {"revision":1,"namespace":"n","bindings":[{"binding":"sse server","name":"s"},{"binding":"http server","name":"h","exit":"s"}]}
            """u8);

        Assert.Empty(plan.Listeners);
        Assert.Empty(plan.Clusters);
        var sse = Assert.IsType<Zilla.Config.Bindings.SseServerBinding>(plan.Bindings[0]);
        Assert.Equal(TimeSpan.FromSeconds(2), sse.Retry);
        Assert.Equal(["http/1.1", "h2"], Assert.IsType<Zilla.Config.Bindings.HttpServerBinding>(plan.Bindings[1]).Versions);
    }

    [Fact]
    public void Deserialize_UnknownMember_IsRefused() =>
        Assert.Throws<JsonException>(() => PlanJson.Deserialize(Encoding.UTF8.GetBytes("""{"revision":1,"namespace":"n","guards":[]}""")));
}
