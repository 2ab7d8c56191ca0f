using System.Diagnostics;
using Zilla.EdgeHttp.Tests.Sse;

namespace Zilla.EdgeHttp.Tests.Server;

public sealed class TraceTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task Request_Traced_GoesOnInTheReplica_SharedFeedsBelongToNobody()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "Zilla.Edge",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x");
        gateway.Client.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");

        await gateway.Client.GetStringAsync("/items/1");
        await using var events = await EventStream.OpenAsync(gateway.Client, "/events");

        Assert.All(gateway.Cache.Opened, begin => Assert.Equal(
            begin.Kafka.Fetch.Bound == Streams.V1.KafkaFetch.Types.Bound.Live ? "" : TraceId,
            begin.Traceparent.Length == 0 ? "" : begin.Traceparent.Split('-')[1]));
        Assert.Equal(3, gateway.Cache.Opened.Count); // the read, the feed, the history
    }
}
