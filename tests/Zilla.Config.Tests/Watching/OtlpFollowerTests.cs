using Microsoft.Extensions.DependencyInjection;
using Zilla.Config.Telemetry;
using Zilla.Config.Watching;

namespace Zilla.Config.Tests.Watching;

public sealed class OtlpFollowerTests
{
    private readonly List<string> _told = [];

    [Fact]
    public void Follow_TellsTheCollectorsOfEachPlan_AndThatThereAreNone()
    {
        using var provider = new ServiceCollection().AddSingleton(this).AddOtlpFollower<OtlpFollowerTests>((self, collectors) =>
            self._told.Add(string.Join(" ", collectors.Select(to => $"{to.Metrics?.Host ?? "-"}/{to.Logs?.Host ?? "-"}/{to.Interval.TotalSeconds}/{to.Authorization}/{to.Attributes["a"]}")))).BuildServiceProvider();
        var follower = provider.GetRequiredService<IPlanFollower>();
        OtlpExporter exporter = new() { Name = "o", MetricsUrl = new("http://m"), LogsUrl = new("http://l"), Logs = false, Authorization = "secret" };

        follower.Follow(new() { Revision = 1, Namespace = "tests", Otlp = new() { Attributes = new Dictionary<string, string> { ["a"] = "b" }, Exporters = [exporter] } });
        follower.Follow(new() { Revision = 2, Namespace = "tests" });

        Assert.Equal(["m/-/30/secret/b", ""], _told);
    }
}
